/** Walks while others write: what isn't changed comes exactly once, what is changed comes in its newest version at last. */
import { describe, expect, it } from '@jest/globals';
import { asClinicId, type ClinicId } from '../../../src/fhir/model/ids.ts';
import type { SearchResult } from '../../../src/fhir/search/run.ts';
import type { FhirStore, FoundVersion } from '../../../src/fhir/store/port.ts';
import type { Fixture } from '../../cases/search/types.ts';
import { deleteOf, putOf, searchOn, walkPages, write, type Search } from './context.ts';

const SIZE = 60;

const patient = (n: number, year: number, gender = 'male'): Fixture => ({
  resourceType: 'Patient',
  id: `p-${n}`,
  gender,
  birthDate: String(year),
  name: [{ family: `f${year}` }],
  address: [{ city: `${'long '.repeat(100)}${year}` }],
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
  { name: 'by long strings that begin alike', text: 'Patient?gender=male&_sort=address-city&_count=7' },
  { name: 'found by a long string', text: 'Patient?gender=male&address-city=long%20long&_sort=-address-city&_count=7' },
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

/** Writes one change after another; `reached` resolves once so many are done. */
function createStream(
  store: FhirStore,
  clinic: ClinicId,
  length: number,
): { readonly changed: ReadonlySet<string>; readonly reached: (count: number) => Promise<unknown> } {
  const changes = Array.from({ length }, (_, i) => owned(patient((i * 13) % 30, 1900 + i)));
  const writes: Promise<unknown>[] = [];
  for (const change of changes) writes.push((writes.at(-1) ?? Promise.resolve()).then(() => write(store, clinic, [putOf(change)])));
  return { changed: new Set(changes.map((c) => c.id)), reached: (count) => writes[Math.min(count, length) - 1] ?? Promise.resolve() };
}

async function settle(store: FhirStore, clinic: ClinicId): Promise<readonly Fixture[]> {
  const people = Array.from({ length: SIZE }, (_, n) => owned(patient(n, 1940 + ((n * 7) % 60))));
  await write(
    store,
    clinic,
    [{ resourceType: 'Organization', id: 'own', name: 'Own' }, ...people].map((f) => putOf(f)),
  );
  return people;
}

/** All that is seen, and that what wasn't changed is seen once. */
function expectUnchangedOnce(pages: readonly SearchResult[], people: readonly Fixture[], changed: ReadonlySet<string>): FoundVersion[] {
  const seen = pages.flatMap((p) => p.items.map((i) => i.version));
  for (const { id } of people.filter((p) => !changed.has(p.id))) {
    expect({ id, times: seen.filter((v) => v.id === id).length }).toEqual({ id, times: 1 });
  }
  return seen;
}

async function expectNewest(search: Search, clinic: ClinicId, seen: readonly FoundVersion[]): Promise<void> {
  for (const { version } of (await search('Patient?gender=male&_count=1000', { clinic })).items) {
    const newest = seen.findLast((v) => v.id === version.id)?.versionId;
    expect({ id: version.id, newest }).toEqual({ id: version.id, newest: version.versionId });
  }
}

export function walkContract(store: () => FhirStore): void {
  const search = searchOn(store);
  describe('walks under writes between the pages', () => {
    it.each(SCENARIOS)('$name', async ({ name, text }) => {
      const clinic = asClinicId(`walk-${name.replaceAll(/[^a-z]/g, '-')}`);
      const people = await settle(store(), clinic);
      const writer = createWriter(store(), clinic);
      const pages = await walkPages(search, text, { clinic }, (page) => writer.disturb(page));
      const seen = expectUnchangedOnce(pages, people, writer.changed);
      await expectNewest(search, clinic, seen);
      const versions = seen.map((v) => `${v.id}/${v.versionId}`);
      expect(versions).toHaveLength(new Set(versions).size);
      expect(pages.slice(0, -1).every((p) => p.items.length === 7)).toBe(true);
    });
  });
  describe('walks under writes at the same time', () => {
    it.each(SCENARIOS.filter((s) => s.text.includes('_sort')))('$name', async ({ name, text }) => {
      const clinic = asClinicId(`race-${name.replaceAll(/[^a-z]/g, '-')}`);
      const people = await settle(store(), clinic);
      const stream = createStream(store(), clinic, 60);
      const pages = await walkPages(search, text, { clinic }, (page) => stream.reached(page * 12));
      await expectNewest(search, clinic, expectUnchangedOnce(pages, people, stream.changed));
    });
  });
}
