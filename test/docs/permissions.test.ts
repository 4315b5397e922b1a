import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { permissionsPage } from '../../tools/docs/permissions.ts';

it('docs/permissions.md says what the table of roles says', () => {
  expect(readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8')).toBe(permissionsPage());
});
