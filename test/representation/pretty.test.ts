import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { prettyJson } from '../../src/fhir/representation/pretty.ts';

const pretty = async (text: string) => Buffer.from(await prettyJson(Buffer.from(text))).toString();

describe('prettyJson', () => {
  it('indents, and keeps numbers, strings and the order of keys as they are written', async () => {
    expect(await pretty('{"1":1.50,"b":{}, "a":[1e2,{},[ ],"\\u0061é"]}')).toBe(
      '{\n  "1": 1.50,\n  "b": {},\n  "a": [\n    1e2,\n    {},\n    [],\n    "\\u0061é"\n  ]\n}\n',
    );
  });

  it('writes what JSON.stringify does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect(await pretty(JSON.stringify({ value }))).toBe(`${JSON.stringify({ value }, null, 2)}\n`);
      }),
    );
  });

  it('gives others their turn', async () => {
    let turns = 0;
    const slice = {
      breathe: async () => {
        await Promise.resolve();
        turns++;
      },
    };
    const text = JSON.stringify({ a: Array.from({ length: 50_000 }, () => ({})) });
    expect(JSON.parse(Buffer.from(await prettyJson(Buffer.from(text), slice)).toString())).toEqual(JSON.parse(text));
    expect(turns).toBeGreaterThan(1);
  });
});
