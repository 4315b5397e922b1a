/** Amounts with units, as written and, where UCUM knows the unit, in base units. https://hl7.org/fhir/R4/search.html#quantity */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/json.ts';
import { OPEN } from '../../entries.ts';
import { sortBy, type Collector, type EmitterDeps, type EmitterFor, type Target } from '../collector.ts';

const UCUM = 'http://unitsofmeasure.org';
const CURRENCIES = 'urn:iso:std:iso:4217';

type Names = Target & { readonly canonical: string };
/** In one unit; an end that is `OPEN` has no value. */
type Amount = { readonly lo: number; readonly hi: number; readonly system: string; readonly code: string; readonly unit: string };
type Read = (value: JsonObject) => Amount | undefined;

export const quantityEmitter: EmitterFor = (deps, target, element) => {
  const read = READERS[element.type];
  if (!read) return undefined;
  const names: Names = { ...target, canonical: `${target.param}:ucum` };
  return (value, out) => {
    const amount = isJsonObject(value) ? read(value) : undefined;
    if (amount) emitAmount(deps, amount, out, names);
  };
};

function emitAmount(deps: EmitterDeps, amount: Amount, out: Collector, names: Names): void {
  const { lo, hi, system, code, unit } = amount;
  const { quantity } = out.entries;
  quantity.push({ param: names.param, system, code, lo, hi });
  if (unit !== '' && unit !== code) quantity.push({ param: names.param, system: '', code: unit, lo, hi });
  const canonical = system === UCUM ? canonicalOf(deps, amount) : undefined;
  if (canonical) quantity.push({ param: names.canonical, ...canonical });
  sortBy(out, names, canonical?.lo ?? lo, canonical?.hi ?? hi);
}

function canonicalOf({ units }: EmitterDeps, { lo, hi, code }: Amount): Omit<Amount, 'unit'> | undefined {
  const low = units.canonical(lo === -OPEN ? 0 : lo, code);
  const high = lo === hi ? low : units.canonical(hi === OPEN ? 0 : hi, code);
  if (!low || !high) return undefined;
  return { lo: lo === -OPEN ? lo : low.value, hi: hi === OPEN ? hi : high.value, system: UCUM, code: low.code };
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

/** Without a code, the unit's text stands for it. A comparator opens an end: "< 5" is all below 5. */
const readQuantity: Read = ({ value, comparator, system, code, unit }) => {
  if (typeof value !== 'number') return undefined;
  const isBelow = comparator === '<' || comparator === '<=';
  const isAbove = comparator === '>' || comparator === '>=';
  const named = text(code) === '' ? { system: '', code: text(unit) } : { system: text(system), code: text(code) };
  return { lo: isBelow ? -OPEN : value, hi: isAbove ? OPEN : value, ...named, unit: text(unit) };
};

const readMoney: Read = ({ value, currency }) =>
  typeof value === 'number' ? { lo: value, hi: value, system: CURRENCIES, code: text(currency), unit: '' } : undefined;

/** In the unit of its ends, which are meant to agree; a missing end is open, one that ends before it starts is none. */
const readRange: Read = ({ low, high }) => {
  const from = isJsonObject(low) ? readQuantity(low) : undefined;
  const to = isJsonObject(high) ? readQuantity(high) : undefined;
  const named = from ?? to;
  const ends = { lo: from?.lo ?? -OPEN, hi: to?.hi ?? OPEN };
  return named && ends.lo <= ends.hi ? { ...named, ...ends } : undefined;
};

const READERS: Readonly<Record<string, Read>> = {
  Quantity: readQuantity,
  SimpleQuantity: readQuantity,
  MoneyQuantity: readQuantity,
  Age: readQuantity,
  Count: readQuantity,
  Distance: readQuantity,
  Duration: readQuantity,
  Money: readMoney,
  Range: readRange,
};
