import { describe, expect, it } from '@jest/globals';
import { BUNDLE_LIMITS, entriesOf, splitBundle } from '../../src/fhir/model/json.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';

const split = (text: string, limits = BUNDLE_LIMITS) => splitBundle(Buffer.from(text), limits);
const texts = (entries: readonly Uint8Array[]) => entries.map((bytes) => Buffer.from(bytes).toString());

describe('splitBundle', () => {
  it.each([
    ['{"type":"batch","entry":[{"a":1.0},{"b":"}]"}],"total":2.0}', '{"type":"batch","total":2.0}', ['{"a":1.0}', '{"b":"}]"}']],
    ['{"entry":[ {} , {"entry":[{}]} ]}', '{}', ['{}', '{"entry":[{}]}']],
    ['\ufeff{"é":"é","\\u0065ntry":[{"é":"é"}]}', '{"é":"é"}', ['{"é":"é"}']],
    ['{"entry":[1,"a",[2]]}', '{}', ['1', '"a"', '[2]']],
    ['{"entry":[]}', '{"entry":[]}', []],
    ['{"entry":{"entry":[{}]}}', '{"entry":{"entry":[{}]}}', []],
    ['{"resourceType":"List","entry":[{"a":1.0}]}', '{"resourceType":"List","entry":[{"a":1.0}]}', []],
    ['{"link":[{"entry":[{}]}]}', '{"link":[{"entry":[{}]}]}', []],
  ])('cuts %s', async (text, head, entries) => {
    const parts = await split(text);
    expect(JSON.stringify(parts.head.exact)).toBe(head);
    expect(texts(parts.entries)).toEqual(entries);
  });

  it.each([
    ['{"entry":[{}', 'invalid-json'],
    ['{"entry":[{},]}', 'invalid-json'],
    ['{"entry":[{"a":tru}]}', 'invalid-json'],
    ['{"entry":[{}],"entry":[{}]}', 'invalid-json'],
    ['[{}]', 'invalid-json'],
    [`{"entry":[${'['.repeat(200)}`, 'invalid-json'],
    [`{"entry":[{"a":"${'x'.repeat(300)}"}]}`, 'too-large'],
    [`{"resourceType":"List","entry":[{"a":"${'x'.repeat(240)}"}]}`, 'too-large'],
    [`{"entry":[],"x":"${'x'.repeat(400)}"}`, 'too-large'],
    ['{"entry":[{},{},{}]}', 'too-large'],
    [`{"entry":[{${Array.from({ length: 30 }, (_, i) => `"${i}":1`).join()}}]}`, 'too-large'],
  ])('refuses %s: %s', async (text, kind) => {
    await expect(split(text, { depth: 100, keys: 20, entryBytes: 250, headBytes: 300, entries: 2 })).rejects.toMatchObject({ kind });
  });

  it('refuses bytes that are not UTF-8, wherever a stride ends', async () => {
    const good = `{"entry":[{"a":"${'é'.repeat(400_000)}"}]}`;
    expect(texts((await split(good)).entries)).toEqual([good.slice(10, -2)]);
    const bytes = Buffer.from(good);
    bytes[600_001] = 0x41;
    bytes[600_002] = 0x41;
    await expect(splitBundle(bytes.subarray(), BUNDLE_LIMITS)).rejects.toMatchObject({ kind: 'invalid-json' });
  });

  it('lets others have their turn', async () => {
    let turns = 0;
    const slice = {
      breathe: async () => {
        await Promise.resolve();
        turns++;
      },
    };
    await splitBundle(Buffer.from(`{"entry":[{"a":"${'x'.repeat(1_000_000)}"}]}`), BUNDLE_LIMITS, slice);
    expect(turns).toBeGreaterThan(2);
  });
});

describe('entriesOf', () => {
  it('parses one after another and names the entry that fails', async () => {
    const { entries } = await split('{"entry":[{"a":1.50},{"b":1,"b":2}]}');
    const iterator = entriesOf(entries, BUNDLE_LIMITS);
    const first = await iterator.next();
    expect(first.done === true ? undefined : JSON.stringify(first.value.exact)).toBe('{"a":1.50}');
    const error: unknown = await iterator.next().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FhirError);
    expect((error as FhirError).issues[0]?.where).toBe('Bundle.entry[1] /b');
  });
});
