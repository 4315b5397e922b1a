/** JSON Pointer: https://www.rfc-editor.org/rfc/rfc6901 */
import { fhirError } from '../outcome/error.ts';

/** Names that lead out of the data in JavaScript; no FHIR element has one. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const ESCAPE = /~[01]/g;
const BAD_ESCAPE = /~(?![01])/;

/** The reference tokens of a pointer. Throws `invalid-structure`; `where` names the pointer. */
export function parsePointer(pointer: string, where: string): readonly string[] {
  if (pointer === '') return [];
  const hint = 'write it like /name/0/given (RFC 6901)';
  if (!pointer.startsWith('/')) throw fhirError('invalid-structure', 'a JSON Pointer is empty or starts with /', hint, where);
  if (BAD_ESCAPE.test(pointer)) throw fhirError('invalid-structure', 'in a JSON Pointer ~ is written ~0 and / is written ~1', hint, where);
  const tokens = pointer.slice(1).split('/').map(unescape);
  if (tokens.some((token) => FORBIDDEN.has(token))) {
    throw fhirError(
      'invalid-structure',
      '__proto__, constructor and prototype are not elements',
      'point to an element of the resource',
      where,
    );
  }
  return tokens;
}

const unescape = (token: string): string => token.replaceAll(ESCAPE, (escape) => (escape === '~1' ? '/' : '~'));

/** True if `path` is `prefix` or leads to something inside. */
export function startsWithPointer(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((token, i) => token === path[i]);
}
