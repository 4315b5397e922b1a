/** Answers in XML: inside, everything is JSON. https://hl7.org/fhir/R4/xml.html */
import { splitBundle } from '../model/json/bundle.ts';
import { createSlice } from '../model/slices.ts';
import type { Work } from '../work/work.ts';

/** Larger bundles are turned an entry at a time, so that others get their turn. */
const LARGE = 128 * 1024;
/** Our own texts were checked when they came in. */
const UNLIMITED = { depth: Infinity, keys: Infinity, entryBytes: Infinity, headBytes: Infinity, entries: Infinity };

/** A resource of ours as an XML document, in pieces. */
export async function toXml(json: Uint8Array, work: Pick<Work, 'toXml'>, pretty: boolean): Promise<readonly Uint8Array[]> {
  if (json.length <= LARGE || !isBundle(json)) return [await work.toXml({ json, pretty })];
  const { head, entries } = await splitBundle(json, UNLIMITED);
  const whole = Buffer.from(await work.toXml({ json: Buffer.from(JSON.stringify(head.exact)), pretty })).toString();
  if (entries.length === 0) return [Buffer.from(whole)];
  const end = whole.lastIndexOf('</Bundle>');
  const pieces: Uint8Array[] = [Buffer.from(whole.slice(0, end))];
  const slice = createSlice();
  for (const entry of entries) {
    pieces.push(entryIn(Buffer.from(await work.toXml({ json: entry, pretty, isEntry: true }))));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  pieces.push(Buffer.from(whole.slice(end)));
  return pieces;
}

/** As our answers begin, and bundles that were sent so. Others are turned in one piece. */
const isBundle = (json: Uint8Array): boolean => Buffer.from(json.subarray(0, START.length)).equals(START);
const START = Buffer.from('{"resourceType":"Bundle"');

/** `<entry>…</entry>` with the white space before it. */
function entryIn(bundle: Buffer): Buffer {
  const start = bundle.lastIndexOf('>', bundle.indexOf('<entry>')) + 1;
  return bundle.subarray(start, bundle.lastIndexOf('</entry>') + '</entry>'.length);
}
