/** Walks while others write: what isn't changed comes exactly once, what is changed comes in its newest version at last. */
import { describe, expect, it } from '@jest/globals';
import { asClinicId, type ClinicId } from '../../../src/fhir/model/ids.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import type { Fixture } from '../../cases/search/types.ts';
import { deleteOf, putOf, searchOn, walkPages, write } from './context.ts';

const SIZE = 60;

const patient = (n: number, year: number, gender = 'male'): Fixture => ({
  resourceType: 'Patient',
  id: `p-${n}`,
  gender,
  birthDate: String(year),
  name: [{ family: `f${year}` }],
});

interface Scenario {
  readonly name: string;
  readonly text: string;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'in the natural order', text: 'Patient?gender=male&_count=7' },
  { name: 'ascending', text: 'Patient?gender=male&_sort=birthdate&_count=7' },
  { name: 'descending', text: 'Patient?gender=male&_sort=-birthdate&_count=7' },
  { name: 'by a string', text: 'Patient?gender=male&_sort=family&_count=7' },
  { name: 'by the last change', text: 'Patient?gender=male&_sort=_lastUpdated&_count=7' },
  { name: 'by the last change, newest first', text: 'Patient?gender=male&_sort=-_lastUpdated&_count=7' },
  { name: 'through a chain', text: 'Patient?gender=male&organization.name=own&_sort=birthdate&_count=7' },
];

interface Writer {
  readonly changed: ReadonlySet<string>;
  disturb(page: number): Promise<void>;
}

/** Between two pages it moves some forward and back in the order, takes some out of the search, deletes some, adds some: the same in every run. */
function createWriter(store: FhirStore, clinic: ClinicId): Writer {
  const changed = new Set<string>();
  return {
    changed,
    async disturb(page) {
      if (page > 8) return;
      const moved = [owned(patient(page * 3, 1900 + page)), owned(patient(page * 5, 2020 - page))];
      const left = [owned(patient(40 + page, 1950, 'female'))];
      const added = [owned(patient(100 + page, 1960 + page))];
      const gone = patient(50 + page, 0);
      for (const p of [...moved, ...left, ...added, gone]) changed.add(p.id);
      await write(store, clinic, [...moved, ...left, ...added].map(putOf));
      await write(store, clinic, [deleteOf(gone)]);
    },
  };
}

const owned = (fixture: Fixture): Fixture => ({ ...fixture, managingOrganization: { reference: 'Organization/own' } });

export function walkContract(store: () => FhirStore): void {
  describe('walks under concurrent writes', () => {
    it.each(SCENARIOS)('$name', async ({ name, text }) => {
      const clinic = asClinicId(`walk-${name.replaceAll(/[^a-z]/g, '-')}`);
      const people = Array.from({ length: SIZE }, (_, n) => owned(patient(n, 1940 + ((n * 7) % 60))));
      await write(store(), clinic, [{ resourceType: 'Organization', id: 'own', name: 'Own' }, ...people].map((f) => putOf(f)));
      const writer = createWriter(store(), clinic);
      const search = searchOn(store);
      const pages = await walkPages(search, text, { clinic }, (page) => writer.disturb(page));
      const seen = pages.flatMap((p) => p.items.map((i) => i.version));
      const now = new Map((await search('Patient?gender=male&_count=1000', { clinic })).items.map((i) => [i.version.id as string, i.version.versionId]));
      for (const { id } of people.filter((p) => !writer.changed.has(p.id))) {
        expect({ id, times: seen.filter((v) => v.id === id).length }).toEqual({ id, times: 1 });
      }
      for (const [id, versionId] of now) {
        expect({ id, newest: seen.findLast((v) => v.id === id)?.versionId }).toEqual({ id, newest: versionId });
      }
      expect(pages.slice(0, -1).every((p) => p.items.length === 7)).toBe(true);
    });
  });
}
