/** A resource's text as the stores keep it, with a gap for what only the commit knows. */
import type { ResourceId } from '../ids.ts';
import { isJsonObject } from './guards.ts';
import type { JsonObject, JsonValue } from './types.ts';

/**
 * The JSON text but for what only the commit knows:
 * `before + '"versionId":"3","lastUpdated":"2026-01-01T00:00:00.000Z"' + after`.
 */
export interface ResourceText {
  readonly before: string;
  readonly after: string;
}

type Members = Record<string, JsonValue>;

/**
 * The text of an exact tree, keys in their order, with `id` set. `meta.versionId` and `meta.lastUpdated` are left out;
 * their gap is at the start of `meta`, which is made behind `id` if there is none.
 */
export function toResourceText(exact: JsonObject, id: ResourceId): ResourceText {
  const meta = isJsonObject(exact.meta) ? exact.meta : undefined;
  const hasId = exact.id !== undefined;
  const idBehind = hasId ? 'id' : 'resourceType';
  const head: Members = {};
  const tail: Members = {};
  let part = head;
  if (!hasId && exact.resourceType === undefined) head.id = id;
  for (const key in exact) {
    if (key === 'meta') {
      if (meta) part = tail;
      continue;
    }
    if (key !== 'id') part[key] = exact[key] as JsonValue;
    if (key === idBehind) {
      part.id = id;
      if (!meta) part = tail;
    }
  }
  return { before: `${opened(head)}"meta":{`, after: closed(meta ? restOfMeta(meta) : {}) + closed(tail) };
}

/** The bytes of a version: what is stored and sent. `at` is the time of the commit in milliseconds. */
export function bodyOf(text: ResourceText, versionId: number, at: number): Uint8Array {
  const filled = `${text.before}"versionId":"${versionId}","lastUpdated":"${new Date(at).toISOString()}"${text.after}`;
  return Buffer.from(filled);
}

function restOfMeta(meta: JsonObject): JsonObject {
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...rest } = meta;
  return rest;
}

/** `{"a":1,` */
function opened(members: JsonObject): string {
  const text = JSON.stringify(members);
  return text === '{}' ? '{' : `${text.slice(0, -1)},`;
}

/** `,"a":1}` */
function closed(members: JsonObject): string {
  const text = JSON.stringify(members);
  return text === '{}' ? '}' : `,${text.slice(1)}`;
}
