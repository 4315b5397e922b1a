import { describe, expect, it } from '@jest/globals';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { matchIds, walkPages, type Asked, type Search } from './context.ts';

const TEXT = 'Patient?_sort=birthdate&_count=2';

/** A cursor is good for one clinic, one subject and one query. */
const MISUSES: readonly { readonly name: string; readonly text: string; readonly asked?: Asked }[] = [
  { name: 'another clinic', text: TEXT, asked: { clinic: asClinicId('elsewhere') } },
  { name: 'another subject', text: TEXT, asked: { subject: 'Practitioner/other' } },
  { name: 'another query', text: 'Patient?_sort=birthdate&_count=2&gender=male' },
  { name: 'another order', text: 'Patient?_sort=-birthdate&_count=2' },
  { name: 'another type', text: 'Practitioner?_sort=name&_count=2' },
];

export function cursorContract(search: Search): void {
  describe('cursors', () => {
    it.each(MISUSES)('are refused to $name', async ({ text, asked = {} }) => {
      const cursor = (await search(TEXT)).nextCursor;
      await expect(search(`${text}&_cursor=${cursor}`, asked)).rejects.toMatchObject({ kind: 'invalid-cursor', status: 400 });
    });
    it.each(['', 'x', 'AAAA', '..', 'null', 'a'.repeat(5000)])('that were forged are refused: %s', async (forged) => {
      await expect(search(`${TEXT}&_cursor=${forged}`)).rejects.toMatchObject({ kind: 'invalid-cursor', status: 400 });
    });
    it('are refused when a byte was changed', async () => {
      const cursor = (await search(TEXT)).nextCursor ?? '';
      const last = cursor.at(-5) === 'A' ? 'B' : 'A';
      await expect(search(`${TEXT}&_cursor=${cursor.slice(0, -5)}${last}${cursor.slice(-4)}`)).rejects.toMatchObject({
        kind: 'invalid-cursor',
      });
    });
    it('serve the same query in another encoding and format', async () => {
      const first = await search('Patient?_sort=birthdate&_count=2&birthdate=ge1900-01-01');
      const next = await search(`Patient?_sort=%62irthdate&_count=2&birthdate=ge1900%2D01-01&_format=xml&_cursor=${first.nextCursor}`);
      expect(matchIds(next)).toEqual(['pat-anna', 'pat-peter']);
    });
    it('carry the total along', async () => {
      const pages = await walkPages(search, `${TEXT}&_total=accurate`);
      expect(pages.map((p) => p.total)).toEqual([7, 7, 7, 7]);
    });
    it.each([
      'Patient?',
      'Patient?_sort=birthdate&',
      'Patient?_sort=-gender,family&',
      'Patient?_sort=-_lastUpdated&',
      '?_type=Patient,Observation&_sort=-_id&',
    ])('lead through %s in the order of one page', async (text) => {
      const whole = matchIds(await search(`${text}_count=1000`));
      for (const count of [1, 2, 3, 7]) {
        const pages = await walkPages(search, `${text}_count=${count}`);
        expect(pages.flatMap(matchIds)).toEqual(whole);
      }
    });
  });
}
