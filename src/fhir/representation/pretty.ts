/** `_pretty`: https://hl7.org/fhir/R4/http.html#general */
import { parseJson } from '../model/json.ts';

/** The same JSON, indented; number texts and key order stay. `bytes` is a text of ours: an object that parses. */
export function prettyJson(bytes: Uint8Array): Uint8Array {
  const { exact } = parseJson(bytes, { depth: Infinity, keys: Infinity });
  return Buffer.from(`${JSON.stringify(exact, null, 2)}\n`);
}
