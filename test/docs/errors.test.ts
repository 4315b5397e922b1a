import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { errorsPage } from '../../tools/docs/errors.ts';

it('docs/errors.md lists the kinds of errors as they are', () => {
  expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsPage());
});
