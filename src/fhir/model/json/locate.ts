/** The slow way, once a text is known to be wrong: finds the place. */
import { type FhirError, fhirError } from '../../outcome/error.ts';
import type { JsonLimits } from './limits.ts';
import { placeInBytes } from './place.ts';
import { createTokenizer, type TokenListener } from './tokens.ts';

const SILENT: TokenListener = { open: () => {}, close: () => {}, key: () => {}, leaf: () => {} };

/** Throws what is wrong with the syntax of `bytes`; returns if nothing is. */
export function assertSyntax(bytes: Uint8Array, limits: JsonLimits): void {
  createTokenizer(bytes, limits, SILENT).run(bytes.length);
}

interface Level {
  /** Keys so far; undefined for an array. */
  readonly seen: Set<string> | undefined;
  /** Key or index of the current member. */
  at: string | number;
}

/** Throws for the first key that occurs twice in its object, or is `__proto__`; returns if there is none. */
export function assertKeys(bytes: Uint8Array, limits: JsonLimits): void {
  const levels: Level[] = [];
  const next = (): void => {
    const level = levels[levels.length - 1];
    if (level && typeof level.at === 'number') level.at++;
  };
  const listener: TokenListener = {
    open(_at, array) {
      next();
      levels.push({ seen: array ? undefined : new Set(), at: array ? -1 : '' });
    },
    close: () => void levels.pop(),
    leaf: next,
    key(start, end) {
      const name = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as string;
      const level = levels[levels.length - 1] as Level;
      level.at = name;
      const rule = ruleBroken(name, level.seen as Set<string>);
      if (rule) throw keyError(rule, levels, placeInBytes(bytes, start));
      level.seen?.add(name);
    },
  };
  createTokenizer(bytes, limits, listener).run(bytes.length);
}

function ruleBroken(name: string, seen: ReadonlySet<string>): string | undefined {
  if (name === '__proto__') return '__proto__ is not a key of anything';
  return seen.has(name) ? 'a key occurs once in an object' : undefined;
}

function keyError(rule: string, levels: readonly Level[], place: string): FhirError {
  const pointer = levels.map((level) => `/${escapeToken(String(level.at))}`).join('');
  return fhirError('invalid-json', `${rule} (${place})`, 'remove it', pointer.slice(0, 500));
}

/** https://www.rfc-editor.org/rfc/rfc6901#section-3 */
const escapeToken = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1');
