/** T2 and T3: what is reached by a search, and what comes with what was found. */
import { describe, expect, it } from '@jest/globals';
import { namedBase, type Place } from './place.ts';

/** Finds one resource where the clinic that asks owns `x`, none where it doesn't. */
const QUERIES: readonly ((x: string) => string)[] = [
  (x) => `Observation?subject:Patient.name=${x}-name&code=${x}-code`,
  (x) => `Observation?subject:Patient.identifier=urn:mrn|${x}-mrn-0&code=${x}-code`,
  (x) => `Observation?patient.birthdate=1980-02-03&code=${x}-code`,
  (x) => `Observation?code=aa-about&subject:Patient.name=${x}-name`,
  (x) => `Observation?code=aa-about&subject:Patient.organization.name=${x}-house-name`,
  (x) => `Observation?code=aa-about&encounter.subject:Patient.name=${x}-name`,
  (x) => `Observation?code=aa-about&performer:Practitioner.name=${x}-doctor-name`,
  (x) => `Observation?code=aa-hop&subject:Patient.organization.name=${x}-house-name`,
  (x) => `Observation?code=aa-about&subject:Patient._has:Observation:subject:code=${x}-code`,
  (x) => `Observation?code=aa-about&subject:Patient._tag=urn:t|${x}-tag`,
  (x) => `Observation?code=aa-about&subject:Patient._id=${x}-patient`,
  (x) => `Patient?_has:Observation:subject:code=${x}-code&_id=${x}-patient`,
  (x) => `Patient?_has:Encounter:subject:_has:Observation:encounter:code=${x}-code&name=${x}-name`,
  (x) => `Organization?_has:Patient:organization:_has:Observation:subject:code=${x}-code&name=${x}-house-name`,
  (x) => `Practitioner?_has:Encounter:participant:subject:Patient.name=${x}-name`,
  (x) => `Observation?code-value-quantity=${x}-code$gt1`,
  (x) => `Observation?combo-code-value-quantity=urn:c|${x}-code$70`,
  (x) => `Patient?_id=${x}-patient`,
  (x) => `Patient?identifier=urn:mrn|${x}-mrn-0`,
  (x) => `Patient?name:exact=${x}-name&_sort=-birthdate`,
  (x) => `Patient?name:contains=${x}-name&_sort=name,_id`,
  (x) => `Patient?_tag=urn:t|${x}-tag`,
  (x) => `Patient?_security=urn:s|${x}-label`,
  (x) => `Patient?_profile=http://${x}.example/profile`,
  (x) => `Patient?_source=urn:${x}-source`,
  (x) => `List?item=Patient/${x}-patient`,
  (x) => `Patient/${x}-patient/Observation?code=${x}-code`,
  (x) => `Patient/${x}-patient/Encounter?_id=${x}-visit`,
  (x) => `?_type=Patient,Observation&_id=${x}-patient`,
];
const CONTROLS = ['', '_total=accurate', '_summary=count', '_count=1&_total=accurate', '_count=0'];

/** Not served: each must be told the same of any value. Whichever comes to be served needs its twins above. */
const UNSERVED = [
  'Patient?_filter=name eq x-name',
  'Patient?_list=x-list',
  'Patient?_text=x-name',
  'Patient?_content=x-name',
  'Patient?_query=x',
];

const withControl = (query: string, control: string): string => (control === '' ? query : `${query}&${control}`);

export function searchingTests(at: () => Place): void {
  describe('T2: a search by what another clinic holds', () => {
    it.each(QUERIES.map((make) => [make('x'), make] as const))('%s', async (_name, make) => {
      for (const control of CONTROLS) {
        const own = await at().ask(withControl(make('aa'), control));
        expect([own.status, own.body['total'] ?? 1]).toEqual([200, 1]);
        if (!/^_count=0|^_summary/.test(control)) expect(matchesIn(own.body)).toHaveLength(1);
        const told = await at().alike((x) => ({ path: withControl(make(x), control) }));
        if (told.status !== 404) {
          expect(told.body['total'] ?? 0).toBe(0);
          expect(matchesIn(told.body)).toEqual([]);
        }
      }
      const { token } = at().world.person('demo', 'CLINIC_ADMIN');
      await at().alike((x) => ({ path: make(x), token }));
    });

    it.each(UNSERVED)('%s is not served, whatever it names', async (query) => {
      const told = await at().alike((x) => ({ path: query.replace(/\bx\b/, x) }));
      expect(told.status).toBe(400);
      expect((await at().ask(query.replace(/\bx\b/, 'aa'))).status).toBe(400);
    });

    it('counts and sorts one’s own alone', async () => {
      for (const type of ['Patient', 'Observation', 'Encounter', 'Organization']) {
        const ids = await at().idsOf(`${type}?_count=3&_sort=_id`);
        const { body } = await at().ask(`${type}?_summary=count`);
        expect(ids).toHaveLength(body['total'] as number);
        expect(ids.filter((id) => id.startsWith('bb-'))).toEqual([]);
      }
      expect((await at().ask('Observation/shared-pulse')).text).toContain('aa-note');
      expect((await at().askOther('Observation/shared-pulse')).text).toContain('bb-note');
    });
  });

  includeTests(at);
}

/** What is referred to, at each hop, where the clinic owns `x`; and nothing else, where it doesn't. */
const INCLUDES: readonly (readonly [query: (x: string) => string, withOwn: readonly string[]])[] = [
  [(x) => `Observation?_id=aa-about-${x}&_include=*`, ['aa-doctor', 'aa-patient', 'aa-visit']],
  [(x) => `Observation?_id=aa-about-${x}&_include=Observation:subject`, ['aa-patient']],
  [(x) => `Observation?_id=aa-about-${x}&_include=Observation:subject:Patient`, ['aa-patient']],
  [
    (x) => `Observation?_id=aa-about-${x}&_include=Observation:*&_include:iterate=Patient:*`,
    ['aa-doctor', 'aa-house', 'aa-patient', 'aa-visit'],
  ],
  [(x) => `Observation?_id=aa-hop-${x}&_include=Observation:subject&_include:iterate=Patient:organization`, ['aa-hop-aa', 'aa-house']],
  [(x) => `Observation?_id=aa-hop-${x}&_include=*&_include:iterate=Patient:link`, ['aa-hop-aa', 'aa-patient']],
  [(x) => `Observation?_id=aa-versioned-${x}&_include=*`, ['aa-patient']],
  [(x) => `Observation?_id=aa-absolute-${x}&_include=*`, []],
  [(x) => `Observation?_id=aa-named-${x}&_include=*`, []],
  [(x) => `Observation?_id=aa-contained-${x}&_include=*&_include:iterate=Patient:organization`, []],
  [(x) => `Patient?_id=aa-hop-${x}&_revinclude=Observation:*`, ['aa-hop-aa']],
];

function includeTests(at: () => Place): void {
  describe('T3: what comes with a find, across the wall', () => {
    it.each(INCLUDES.map(([make, own]) => [make('x'), make, own] as const))('%s', async (_name, make, own) => {
      const found = await at().ask(make('aa'));
      const ids = includedIn(found.body);
      expect(ids).toEqual(own);
      const told = await at().alike((x) => ({ path: make(x) }));
      expect(matchesIn(told.body)).toHaveLength(1);
      // Of hops that stay at home, only these.
      expect(includedIn(told.body).filter((id) => !/^aa-hop-/.test(id))).toEqual([]);
    });

    it('records of the other clinic that refer here come with nothing, by _revinclude:* and :iterate', async () => {
      for (const query of [
        'Patient?_id=aa-patient&_revinclude=*',
        'Patient?_id=aa-patient&_revinclude=Observation:subject&_revinclude:iterate=*',
        'Organization?_id=aa-house&_revinclude=Patient:organization&_revinclude:iterate=Observation:subject',
        'Patient?_id=shared&_revinclude=*&_include=*',
        'Patient/aa-patient/*?_include=*',
      ]) {
        const ids = await at().idsOf(query);
        expect([query, ids.length > 1, ids.filter((id) => id.startsWith('bb'))]).toEqual([query, true, []]);
        const { text } = await at().ask(query);
        expect(text).not.toMatch(/bb-(name|note|code|about|hop)"/);
      }
      const theirs = await at().idsOf('Patient?_id=bb-patient&_revinclude=*', at().tokens.second);
      expect(theirs).toContain('bb-pulse');
    });

    it('an absolute reference under the base of the other clinic leads nowhere', async () => {
      for (const id of ['aa-named-bb', 'aa-named-nn']) {
        expect(await at().idsOf(`Observation?_id=${id}&_include=*`)).toEqual([id]);
      }
      const url = `${at().world.url}${namedBase('bb')}/Patient/bb-patient`;
      expect((await at().ask(`Observation?subject=${encodeURIComponent(url)}&_total=accurate`)).body).toMatchObject({ total: 1 });
      expect((await at().ask(`Observation?subject=Patient/bb-patient&code=aa-named&_total=accurate`)).body).toMatchObject({ total: 0 });
    });
  });
}

interface Entry {
  readonly resource: { readonly id: string };
  readonly search?: { readonly mode: string };
}

const entriesIn = (body: Readonly<Record<string, unknown>>, mode: string): string[] =>
  ((body['entry'] ?? []) as Entry[]).filter(({ search }) => search?.mode === mode).map(({ resource }) => resource.id);
const matchesIn = (body: Readonly<Record<string, unknown>>): string[] => entriesIn(body, 'match');
const includedIn = (body: Readonly<Record<string, unknown>>): string[] => entriesIn(body, 'include').sort();
