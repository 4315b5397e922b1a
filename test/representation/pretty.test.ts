import { describe, expect, it } from '@jest/globals';
import { prettyJson } from '../../src/fhir/representation/pretty.ts';

describe('prettyJson', () => {
  it('indents, and keeps number texts and key order', () => {
    expect(Buffer.from(prettyJson(Buffer.from('{"b":1.50,"a":[1e2,{}]}'))).toString()).toBe(
      '{\n  "b": 1.50,\n  "a": [\n    1e2,\n    {}\n  ]\n}\n',
    );
  });
});
