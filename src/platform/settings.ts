/** Settings that are read from environment variables by one table: name, form, default and meaning in one place. */
import { readFileSync } from 'node:fs';

/** How the text of a setting is read. `undefined` from `read` means that it isn't allowed. */
export interface Form<T> {
  /** What it may be, for the refusal and the documentation. */
  readonly allowed: string;
  readonly read: (text: string) => T | undefined;
}

export interface Setting<T> {
  readonly form: Form<T>;
  /** The text that stands in where the variable is unset or empty. */
  readonly default?: string;
  /** Says what the default is where no fixed text does. */
  readonly defaultNote?: string;
  readonly meaning: string;
  /** Never shown; may also be given as the path of a file in `NAME_FILE`. */
  readonly secret?: true;
  /** The empty text is a value of its own. */
  readonly emptyCounts?: true;
  /** Checked, but nothing in this version uses it. */
  readonly later?: true;
}

export type Schema = Readonly<Record<string, Setting<unknown>>>;
type ValueOf<S> = S extends Setting<infer T> ? (S extends { readonly default: string } ? T : T | undefined) : never;
export type Values<S extends Schema> = { readonly [Name in keyof S]: ValueOf<S[Name]> };
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that can't be taken. The message is one line: which variable, what it was, what it may be. */
export class SettingError extends Error {
  constructor(name: string, was: string, allowed: string) {
    super(`${name} was ${was}; it may be ${allowed}`);
    this.name = 'SettingError';
  }
}

/** Reads all settings of a schema. Throws SettingError at the first that can't be taken. */
export function readSettings<S extends Schema>(schema: S, environment: Environment): Values<S> {
  const entries = Object.entries(schema).map(([name, setting]) => [name, readSetting(name, setting, environment)]);
  return Object.fromEntries(entries) as Values<S>;
}

function readSetting(name: string, setting: Setting<unknown>, environment: Environment): unknown {
  const text = givenText(name, setting, environment) ?? setting.default;
  if (text === undefined) return undefined;
  const value = setting.form.read(text);
  if (value === undefined) throw new SettingError(name, quoted(text, setting), setting.form.allowed);
  return value;
}

function givenText(name: string, setting: Setting<unknown>, environment: Environment): string | undefined {
  const given = environment[name];
  if (given !== undefined && (given !== '' || setting.emptyCounts)) return given;
  const file = setting.secret ? environment[`${name}_FILE`] : undefined;
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new SettingError(`${name}_FILE`, JSON.stringify(file), 'the path of a file that can be read');
  }
}

const quoted = (text: string, setting: Setting<unknown>): string =>
  setting.secret ? `a text of ${text.length} characters (not shown)` : JSON.stringify(text);

/** Any text, described by `allowed`. */
export const text = (allowed: string, isAllowed: (text: string) => boolean = () => true): Form<string> => ({
  allowed,
  read: (value) => (isAllowed(value) ? value : undefined),
});

export const oneOf = <const T extends string>(...values: readonly T[]): Form<T> => ({
  allowed: values.join(' or '),
  read: (value) => values.find((v) => v === value),
});

export const integer = (low: number, high: number): Form<number> => ({
  allowed: `a whole number from ${low} to ${high}`,
  read: (value) => (/^\d{1,9}$/.test(value) && Number(value) >= low && Number(value) <= high ? Number(value) : undefined),
});

/** A list separated by commas; all its parts must be of the form. */
export const listOf = <T>(form: Form<T>): Form<readonly T[]> => ({
  allowed: `a list, separated by commas, of ${form.allowed}`,
  read: (value) => {
    const parts = value.split(',').map((part) => form.read(part.trim()));
    return parts.includes(undefined) ? undefined : (parts as T[]);
  },
});

/** An absolute URL of one of the protocols (`https:`), without what `forbidden` names. */
export const url = (...protocols: readonly string[]): Form<string> =>
  text(`a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`, (value) => {
    const parsed = URL.parse(value);
    return parsed !== null && protocols.includes(parsed.protocol) && parsed.hostname !== '';
  });
