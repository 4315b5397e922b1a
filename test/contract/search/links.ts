/** Chains and `_has` whose inner sides are larger than one step of ids. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { asClinicId, asResourceId, asResourceType } from '../../../src/fhir/model/ids.ts';
import { NO_ENTRIES, type IndexEntries } from '../../../src/fhir/search/entries.ts';
import { resolve } from '../../../src/fhir/search/resolve.ts';
import type { Change, FhirStore } from '../../../src/fhir/store/port.ts';
import { parse } from '../../search/set-up.ts';
import { includedIds, matchIds, searchOn, walkPages, write } from './context.ts';

const clinic = asClinicId('crowd');
const PATIENTS = 10_050;
const OBSERVATIONS = 400;

/** With entries made by hand: so many resources take long enough to write. */
const put = (type: string, id: string, entries: Partial<IndexEntries>): Change => ({
  op: 'put',
  type: asResourceType(type),
  id: asResourceId(id),
  expected: 'any',
  text: { before: `{"resourceType":"${type}","id":"${id}","meta":{`, after: '}}' },
  entries: { ...NO_ENTRIES, ...entries },
  trace: { subject: 'Device/test', requestId: 'request', interaction: 'create' },
});

/** One in a hundred is female, the rest male. */
const patient = (n: number): Change =>
  put('Patient', `p${n}`, {
    token: [{ param: 'gender', system: '', code: isFemale(n) ? 'female' : 'male' }],
    reference: [{ param: 'organization', type: 'Organization', id: 'o' }],
    sort: [],
  });
const isFemale = (n: number): boolean => n % 300 === 0;
const patientOf = (n: number): number => (n * 25) % PATIENTS;

const observation = (n: number): Change =>
  put('Observation', `b${n}`, {
    token: [{ param: 'code', system: '', code: n % 50 === 3 ? 'rare' : 'common' }],
    reference: [{ param: 'patient', type: 'Patient', id: `p${patientOf(n)}` }],
    date: [{ param: 'date', lo: n, hi: n }],
    sort: [{ param: 'date', lo: n, hi: n }],
  });

const crowd = put('Group', 'crowd', {
  token: [{ param: 'code', system: '', code: 'all' }],
  reference: Array.from({ length: PATIENTS }, (_, n) => ({ param: 'member', type: 'Patient', id: `p${n}` })),
});

const range = (length: number): number[] => Array.from({ length }, (_, n) => n);
const OF_MEN = range(OBSERVATIONS).filter((n) => !isFemale(patientOf(n)));
const OF_WOMEN = range(OBSERVATIONS).filter((n) => isFemale(patientOf(n)));
const ids = (numbers: readonly number[]): string[] => numbers.map((n) => `b${n}`);

const CASES: readonly { readonly search: string; readonly finds: readonly string[] }[] = [
  { search: 'Observation?patient.gender=male', finds: ids(OF_MEN) },
  { search: 'Observation?patient.gender=female', finds: ids(OF_WOMEN) },
  { search: 'Observation?patient.gender=male&_sort=-date', finds: ids(OF_MEN.toReversed()) },
  { search: 'Observation?code=rare&patient.gender=male', finds: ids(OF_MEN.filter((n) => n % 50 === 3)) },
  { search: 'Observation?patient.gender:not=female&_sort=date', finds: ids(OF_MEN) },
  { search: 'Observation?patient.organization.name=all&_sort=date', finds: ids(range(OBSERVATIONS)) },
  { search: 'Observation?patient.organization.name=all&patient.gender=female&_sort=date', finds: ids(OF_WOMEN) },
  {
    search: 'Observation?patient._has:Observation:patient:code=rare&patient.organization.name=all',
    finds: ids(range(OBSERVATIONS).filter((n) => n % 50 === 3)),
  },
];

export function linkContract(store: () => FhirStore): void {
  describe('links to crowds', () => {
    beforeAll(async () => {
      await write(store(), clinic, [put('Organization', 'o', { string: [{ param: 'name', value: 'all', exact: 'All' }] }), crowd]);
      for (let n = 0; n < PATIENTS; n += 1000) {
        await write(
          store(),
          clinic,
          range(PATIENTS)
            .slice(n, n + 1000)
            .map(patient),
        );
      }
      await write(store(), clinic, range(OBSERVATIONS).map(observation));
    }, 120_000);
    const search = searchOn(store);
    it.each(CASES)(
      '$search',
      async ({ search: text, finds }) => {
        const pages = await walkPages(search, `${text}&_count=30`, { clinic });
        const sorted = text.includes('_sort');
        const found = pages.flatMap(matchIds);
        expect(sorted ? found : found.toSorted()).toEqual(sorted ? finds : finds.toSorted());
        expect(pages.slice(0, -1).every((p) => p.items.length === 30)).toBe(true);
        expect((await search(`${text}&_count=0`, { clinic })).total).toBe(finds.length);
      },
      60_000,
    );
    it('fills a page when one resource refers to more than a step takes', async () => {
      expect(matchIds(await search('Patient?_has:Group:member:code=all&_count=3', { clinic }))).toHaveLength(3);
      expect(matchIds(await search('Patient?gender=female&_has:Group:member:code=all&_count=50', { clinic }))).toHaveLength(34);
      expect(matchIds(await search('Patient?_has:Group:member:code=none&_count=3', { clinic }))).toEqual([]);
    }, 60_000);
    it('lets a thousand resources go along with a page, and no more', async () => {
      const few = await search('Organization?_id=o&_revinclude=Group:member&_revinclude=Observation:performer', { clinic });
      expect(includedIds(few)).toEqual([]);
      await expect(search('Organization?_id=o&_revinclude=Patient:organization', { clinic })).rejects.toMatchObject({ kind: 'too-costly' });
    });
    it('never hands a commit a condition that leaves something out', async () => {
      const request = { principal: { clinic }, deadline: Date.now() + 30_000 };
      const { types, where } = parse('Observation?patient.gender=male');
      await expect(resolve({ store: store() }, request, types, where)).rejects.toMatchObject({ kind: 'too-costly', status: 422 });
    });
  });
}
