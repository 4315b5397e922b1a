/** XML at the edge: inside, everything is JSON. https://hl7.org/fhir/R4/xml.html */
import type { Definitions } from '../model/definitions.ts';
import { parseJson, type JsonLimits, type JsonObject } from '../model/json.ts';
import { entriesOf, splitBundle } from '../model/json/bundle.ts';
import { createSlice } from '../model/slices.ts';
import { jsonToXml, xmlToJson } from '../representation/xml.ts';

/** Our own texts were checked when they came in. */
const UNLIMITED: JsonLimits = { depth: Infinity, keys: Infinity };
/** Larger bundles are turned an entry at a time, so that others get their turn. */
const LARGE = 128 * 1024;

/** A body as JSON text; number texts stay. Throws `invalid-xml`, `invalid-structure`, `too-large`. */
export const fromXml = async (xml: Uint8Array, definitions: Definitions, limits: JsonLimits): Promise<Uint8Array> =>
  Buffer.from(JSON.stringify(await xmlToJson(xml, definitions, limits)));

/** A resource of ours as an XML document. */
export async function toXml(json: Uint8Array, definitions: Definitions, pretty: boolean): Promise<readonly Uint8Array[]> {
  if (json.length > LARGE) return largeToXml(json, definitions, pretty);
  return [Buffer.from(jsonToXml(parseJson(json, UNLIMITED).exact, definitions, { pretty }))];
}

async function largeToXml(json: Uint8Array, definitions: Definitions, pretty: boolean): Promise<readonly Uint8Array[]> {
  const { head, entries } = await splitBundle(json, { ...UNLIMITED, entryBytes: Infinity, headBytes: Infinity, entries: Infinity });
  const xmlOf = (resource: JsonObject): string => jsonToXml(resource, definitions, { pretty });
  const whole = xmlOf(head.exact);
  if (entries.length === 0) return [Buffer.from(whole)];
  const end = whole.lastIndexOf('</Bundle>');
  const pieces: Uint8Array[] = [Buffer.from(whole.slice(0, end))];
  const slice = createSlice();
  for await (const entry of entriesOf(entries, UNLIMITED, slice)) {
    pieces.push(Buffer.from(entryIn(xmlOf({ resourceType: 'Bundle', entry: [entry.exact] }))));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  pieces.push(Buffer.from(whole.slice(end)));
  return pieces;
}

/** `<entry>…</entry>` with the white space before it. */
function entryIn(bundle: string): string {
  const start = bundle.lastIndexOf('>', bundle.indexOf('<entry>')) + 1;
  return bundle.slice(start, bundle.lastIndexOf('</entry>') + '</entry>'.length);
}
