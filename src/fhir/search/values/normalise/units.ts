/** UCUM units reduced to base units, so that 5.4 g/L and 540 mg/dL are found alike. https://ucum.org/ucum */
import { createRequire } from 'node:module';
import { COMMON_UNITS } from './unit-table.ts';

export interface CanonicalQuantity {
  readonly value: number;
  readonly code: string;
}

export interface Units {
  /**
   * The value in base units: `canonical(1, 'mg/dL')` is 10 `g.m-3`; temperatures are in K. Undefined for what is no
   * UCUM code, or measures on a scale that is not linear (pH, dB). Never throws.
   */
  canonical(value: number, code: string): CanonicalQuantity | undefined;
}

/** `value * factor + offset` is the value in units of `code`. */
export type UnitScale = { readonly factor: number; readonly offset: number; readonly code: string };

/** Reads a code that the table of common units lacks. The library is loaded only then: 90 ms and 18 MB, once. */
export type UnitReader = (code: string) => UnitScale | undefined;

const MAX_CODE = 60;
const MAX_MEMO = 5_000;
/** Hides the last digits, in which the same quantity computed from two units may differ. */
const SIGNIFICANT = 12;

/** Keeps what it has read of units, at most some thousands. */
export function createUnits(read: UnitReader = ucumLibrary()): Units {
  const memo = new Map<string, UnitScale | undefined>(commonScales());
  const scaleOf = (code: string): UnitScale | undefined => {
    if (memo.has(code)) return memo.get(code);
    const scale = code.length > MAX_CODE || DECIMALS.test(code.replace(ANNOTATION, '')) ? undefined : read(code);
    if (memo.size < MAX_MEMO) memo.set(code, scale);
    return scale;
  };
  return {
    canonical(value, code) {
      const scale = scaleOf(code);
      if (!scale) return undefined;
      const exact = value * scale.factor + scale.offset;
      return Number.isFinite(exact) ? { value: Number(exact.toPrecision(SIGNIFICANT)), code: scale.code } : undefined;
    },
  };
}

/** UCUM has whole numbers only; the library reads `0.5.mg` as 5 mg. */
const DECIMALS = /\d\.\d|^\./;
const ANNOTATION = /\{[^}]*\}/g;

function* commonScales(): Iterable<[string, UnitScale]> {
  for (const [code, units] of Object.entries(COMMON_UNITS)) {
    for (const [unit, factor] of Object.entries(units)) yield [unit, { factor, offset: 0, code }];
  }
  yield* Object.entries(TEMPERATURES);
}

/** The scales of temperature start elsewhere than at zero. */
const TEMPERATURES: Readonly<Record<string, UnitScale>> = {
  Cel: { factor: 1, offset: 273.15, code: 'K' },
  '[degF]': { factor: 5 / 9, offset: (459.67 * 5) / 9, code: 'K' },
};

/** What we use of the library, which has no types. */
interface UcumUnit {
  readonly magnitude_: number;
  readonly dim_: { readonly dimVec_: readonly number[] | null } | null;
  readonly cnv_: string | null;
  readonly isArbitrary_: boolean;
}
interface UcumLibrary {
  getSpecifiedUnit(code: string, use: 'validate'): { readonly unit: UcumUnit | null; readonly retMsg: readonly string[] };
}

/** Loads the library when it is first asked, and then reads each code anew. */
export function ucumLibrary(): UnitReader {
  let library: UcumLibrary | undefined;
  return (code) => {
    library ??= loadLibrary();
    return readUnit(library, code);
  };
}

function loadLibrary(): UcumLibrary {
  const { UcumLhcUtils } = createRequire(import.meta.url)('@lhncbc/ucum-lhc') as { UcumLhcUtils: { getInstance(): UcumLibrary } };
  return UcumLhcUtils.getInstance();
}

function readUnit(library: UcumLibrary, code: string): UnitScale | undefined {
  const unit = lookUp(library, code);
  const vector = unit?.dim_?.dimVec_;
  if (!unit || !vector || unit.cnv_ !== null) return undefined;
  if (unit.isArbitrary_) return readArbitrary(library, code);
  return { factor: tidy(unit.magnitude_), offset: 0, code: baseCode(vector) };
}

/** Without the noise of binary multiplication: the library makes 0.009999999999999998 of ug/dL. */
const tidy = (factor: number): number => Number(factor.toPrecision(15));

/** A unit that the library corrects ("did you mean") is none. */
function lookUp(library: UcumLibrary, code: string): UcumUnit | undefined {
  try {
    const { unit, retMsg } = library.getSpecifiedUnit(code, 'validate');
    return unit && retMsg.length === 0 ? unit : undefined;
  } catch {
    return undefined;
  }
}

/**
 * International units and their like compare only with themselves, so they count as a dimension of their own: with a
 * gram and then a metre in their place, the difference of the dimensions is their exponent.
 */
function readArbitrary(library: UcumLibrary, code: string): UnitScale | undefined {
  const names = code.match(/\[[^\]]*\]/g)?.filter((n) => lookUp(library, n)?.isArbitrary_) ?? [];
  const name = names[0];
  if (name === undefined || names.length !== 1) return undefined;
  const grams = lookUp(library, code.replace(name, 'g'));
  const metres = lookUp(library, code.replace(name, 'm'));
  const [inGrams, inMetres] = [grams?.dim_?.dimVec_, metres?.dim_?.dimVec_];
  if (!grams || !inGrams || !inMetres) return undefined;
  const exponent = (inGrams[GRAM] ?? 0) - (inMetres[GRAM] ?? 0);
  const rest = inGrams.map((e, i) => (i === GRAM ? e - exponent : e));
  const own = power(name === '[IU]' ? '[iU]' : name, exponent);
  return { factor: tidy(grams.magnitude_), offset: 0, code: rest.every((e) => e === 0) ? own : `${own}.${baseCode(rest)}` };
}

/** In the order of the library's dimension vectors. */
const BASE_UNITS = ['m', 's', 'g', 'rad', 'K', 'C', 'cd'];
const GRAM = 2;

/** `g.m-1.s-2`; `1` for what has no dimension. */
function baseCode(vector: readonly number[]): string {
  const parts = BASE_UNITS.flatMap((unit, i) => (vector[i] ? [power(unit, vector[i])] : []));
  return parts.length === 0 ? '1' : parts.sort().join('.');
}

const power = (unit: string, exponent: number): string => (exponent === 1 ? unit : `${unit}${exponent}`);
