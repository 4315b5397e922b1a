import { beforeAll, describe, expect, it } from '@jest/globals';
import { asSeq, type ClinicId } from '../../../src/fhir/model/ids.ts';
import type { Node } from '../../../src/fhir/search/ast.ts';
import { OPEN, type IndexEntries } from '../../../src/fhir/search/entries.ts';
import { ALL, NONE } from '../../../src/fhir/search/ast.ts';
import { bodyText, decode, entries, find, ids, key, match, put, query, START, text, write, type Context } from './context.ts';

const LATER = START + 5_000_000;
const token = (system: string, code: string) => ({ param: 'code', system, code });
const date = (lo: number, hi: number) => ({ date: [{ param: 'date', lo, hi }] });

/** One resource for each thing a leaf must tell apart. */
const DATA: Readonly<Record<string, Partial<IndexEntries>>> = {
  t1: { token: [token('s', 'a'), token('s', 'b'), token('', 'own')] },
  t2: { token: [token('other', 'a')] },
  t3: { token: [token('', 'a'), token('s', '')] },
  t4: { token: [token('s', 'A')] },
  n1: {
    string: [
      { param: 'name', value: 'peter james', exact: 'Péter James' },
      { param: 'name', value: 'chalmers', exact: 'Chalmers' },
    ],
  },
  n2: { string: [{ param: 'name', value: 'peterson', exact: 'Peterson' }] },
  n3: { string: [{ param: 'name', value: '100%_\\*.[a]', exact: '100%_\\*.[A]' }] },
  n4: { string: [{ param: 'name', value: 'ab\u{10FFFF}c\uFFFF', exact: 'AB\u{10FFFF}c\uFFFF' }] },
  r1: {
    reference: [
      { param: 'subject', type: 'Patient', id: '1' },
      { param: 'subject', type: 'Group', id: '1' },
    ],
  },
  r2: { reference: [{ param: 'subject', type: 'Patient', id: '2' }] },
  r3: { reference: [{ param: 'subject', type: '', id: 'http://x.example/Patient/1' }] },
  d1: date(100, 199),
  d2: date(150, 150),
  d3: date(200, OPEN),
  d4: {
    date: [
      { param: 'date', lo: -OPEN, hi: 50 },
      { param: 'date', lo: 300, hi: 400 },
    ],
  },
  m1: { number: [{ param: 'probability', lo: 0.5, hi: 0.6 }] },
  m2: { number: [{ param: 'probability', lo: -1e-9, hi: 1e-9 }] },
  q1: { quantity: [{ param: 'value-quantity', lo: 5.35, hi: 5.45, system: 'ucum', code: 'mg' }] },
  q2: {
    quantity: [
      { param: 'value-quantity', lo: 5.35, hi: 5.45, system: 'ucum', code: 'kg' },
      { param: 'value-quantity', lo: 9, hi: 9, system: '', code: 'mg' },
    ],
  },
  u1: { uri: [{ param: 'url', value: 'http://a.example/fhir/x' }] },
  u2: { uri: [{ param: 'url', value: 'http://a.example/fhir/xy' }] },
  u3: {
    uri: [
      { param: 'url', value: 'http://a.example/fhir' },
      { param: 'url', value: 'urn:oid:1.2.3' },
    ],
  },
  c1: {
    composite: [
      component({
        token: [{ param: '0', system: 's', code: 'sys' }],
        quantity: [{ param: '1', lo: 120, hi: 120, system: 'ucum', code: 'mm' }],
      }),
      component({
        token: [{ param: '0', system: 's', code: 'dia' }],
        quantity: [{ param: '1', lo: 80, hi: 80, system: 'ucum', code: 'mm' }],
      }),
    ],
  },
  c2: {
    composite: [component({ token: [{ param: '0', system: 's', code: 'sys' }], string: [{ param: '1', value: 'high', exact: 'High' }] })],
  },
  c3: {
    composite: [
      component({
        token: [
          { param: '0', system: 's', code: 'sys' },
          { param: '0', system: 's2', code: 'alias' },
        ],
        date: [{ param: '1', lo: 10, hi: 20 }],
        reference: [{ param: '1', type: 'Patient', id: '1' }],
        number: [{ param: '1', lo: 1, hi: 2 }],
        uri: [{ param: '1', value: 'urn:x' }],
      }),
    ],
  },
};

function component(parts: Partial<IndexEntries>) {
  return { param: 'code-value', parts: entries(parts) };
}
const composite = (first: Node, second: Node): Node => ({ op: 'composite', param: 'code-value', parts: [first, second] });
const sys: Node = { op: 'token', param: '0', code: 'sys' };
const dates = (bounds: object): Node => ({ op: 'date', param: 'date', bounds });
const quantity = (lo: number, hi: number, more: object = {}): Node => ({
  op: 'quantity',
  param: '1',
  bounds: { lo: { gte: lo }, hi: { lte: hi } },
  ...more,
});
const name = (how: 'starts' | 'exact' | 'contains', value: string): Node => ({ op: 'string', param: 'name', match: how, value });
const url = (how: 'exact' | 'below' | 'above', value: string): Node => ({ op: 'uri', param: 'url', match: how, value });
const many = Array.from({ length: 3000 }, (_, i) => key('Patient', `${i + 2}`));

const CASES: readonly { of: string; where: Node; is: string }[] = [
  { of: 'all', where: ALL, is: Object.keys(DATA).join(' ') },
  { of: 'none', where: NONE, is: '' },
  { of: 'token, any system', where: { op: 'token', param: 'code', code: 'a' }, is: 't1 t2 t3' },
  { of: 'token, system and code', where: { op: 'token', param: 'code', system: 's', code: 'a' }, is: 't1' },
  { of: 'token, no system', where: { op: 'token', param: 'code', system: '', code: 'a' }, is: 't3' },
  { of: 'token, any code', where: { op: 'token', param: 'code', system: 's' }, is: 't1 t3 t4' },
  { of: 'token, another parameter', where: { op: 'token', param: 'status', code: 'a' }, is: '' },
  { of: 'string that starts', where: name('starts', 'peter'), is: 'n1 n2' },
  { of: 'string that starts with a wildcard', where: name('starts', '100%'), is: 'n3' },
  { of: 'string that starts with anything', where: name('starts', ''), is: 'n1 n2 n3 n4' },
  { of: 'string that starts with the greatest character', where: name('starts', 'ab\u{10FFFF}'), is: 'n4' },
  { of: 'string that contains', where: name('contains', 'er'), is: 'n1 n2' },
  { of: 'string that contains over a space', where: name('contains', 'r j'), is: 'n1' },
  { of: 'string that contains pattern characters', where: name('contains', '%_\\*.[a]'), is: 'n3' },
  { of: 'string that contains a dot only', where: name('contains', '.'), is: 'n3' },
  { of: 'string, exact', where: name('exact', 'Péter James'), is: 'n1' },
  { of: 'string, exact in another case', where: name('exact', 'péter james'), is: '' },
  { of: 'reference', where: { op: 'reference', param: 'subject', type: 'Patient', id: '1' }, is: 'r1' },
  { of: 'reference, any type', where: { op: 'reference', param: 'subject', id: '2' }, is: 'r2' },
  { of: 'reference, any type, twice in one', where: { op: 'reference', param: 'subject', id: '1' }, is: 'r1' },
  { of: 'reference to elsewhere', where: { op: 'reference', param: 'subject', type: '', id: 'http://x.example/Patient/1' }, is: 'r3' },
  { of: 'reference in', where: { op: 'reference-in', param: 'subject', targets: [key('Patient', '1'), key('Patient', '2')] }, is: 'r1 r2' },
  {
    of: 'reference in, type matters',
    where: { op: 'reference-in', param: 'subject', targets: [key('Group', '1'), key('Group', '2')] },
    is: 'r1',
  },
  { of: 'reference in nothing', where: { op: 'reference-in', param: 'subject', targets: [] }, is: '' },
  { of: 'reference in many', where: { op: 'reference-in', param: 'subject', targets: many }, is: 'r2' },
  { of: 'date that begins at or after', where: dates({ lo: { gte: 150 } }), is: 'd2 d3 d4' },
  { of: 'date that begins after', where: dates({ lo: { gt: 150 } }), is: 'd3 d4' },
  { of: 'date that ends before', where: dates({ hi: { lt: 150 } }), is: 'd4' },
  { of: 'date that ends at or before', where: dates({ hi: { lte: 150 } }), is: 'd2 d4' },
  { of: 'date within', where: dates({ lo: { gte: 100 }, hi: { lte: 199 } }), is: 'd1 d2' },
  { of: 'date by one and the same entry', where: dates({ lo: { lt: 0 }, hi: { gt: 300 } }), is: '' },
  { of: 'date, both ends of one bound', where: dates({ lo: { gt: 100, lt: 200 } }), is: 'd2' },
  { of: 'date, no bound', where: dates({}), is: 'd1 d2 d3 d4' },
  { of: 'number', where: { op: 'number', param: 'probability', bounds: { hi: { gt: 0.59 } } }, is: 'm1' },
  { of: 'number, around zero', where: { op: 'number', param: 'probability', bounds: { lo: { lte: 0 }, hi: { gte: 0 } } }, is: 'm2' },
  { of: 'quantity', where: { op: 'quantity', param: 'value-quantity', bounds: { lo: { gte: 5.35 }, hi: { lte: 5.45 } } }, is: 'q1 q2' },
  {
    of: 'quantity, by unit',
    where: { op: 'quantity', param: 'value-quantity', bounds: { lo: { gte: 5 } }, system: 'ucum', code: 'mg' },
    is: 'q1',
  },
  { of: 'quantity, by code', where: { op: 'quantity', param: 'value-quantity', bounds: {}, code: 'mg' }, is: 'q1 q2' },
  { of: 'quantity, no system', where: { op: 'quantity', param: 'value-quantity', bounds: {}, system: '', code: 'mg' }, is: 'q2' },
  { of: 'uri', where: url('exact', 'http://a.example/fhir/x'), is: 'u1' },
  { of: 'uri below', where: url('below', 'http://a.example/fhir'), is: 'u1 u2 u3' },
  { of: 'uri below, itself', where: url('below', 'http://a.example/fhir/x'), is: 'u1' },
  { of: 'uri above', where: url('above', 'http://a.example/fhir/x/y'), is: 'u1 u3' },
  { of: 'uri above an urn', where: url('above', 'urn:oid:1.2.3'), is: 'u3' },
  { of: 'composite', where: composite(sys, quantity(100, 150)), is: 'c1' },
  { of: 'composite across components', where: composite(sys, quantity(70, 90)), is: '' },
  { of: 'composite with a unit', where: composite(sys, quantity(100, 150, { system: 'ucum', code: 'mm' })), is: 'c1' },
  { of: 'composite with another unit', where: composite(sys, quantity(100, 150, { system: 'ucum', code: 'cm' })), is: '' },
  {
    of: 'composite of a system only',
    where: composite({ op: 'token', param: '0', system: 's2' }, { op: 'date', param: '1', bounds: { lo: { gte: 5 } } }),
    is: 'c3',
  },
  { of: 'composite with a string', where: composite(sys, { op: 'string', param: '1', match: 'starts', value: 'hi' }), is: 'c2' },
  { of: 'composite with a date', where: composite(sys, { op: 'date', param: '1', bounds: { lo: { gte: 10 }, hi: { lt: 21 } } }), is: 'c3' },
  { of: 'composite with a reference', where: composite(sys, { op: 'reference', param: '1', type: 'Patient', id: '1' }), is: 'c3' },
  { of: 'composite with a number', where: composite(sys, { op: 'number', param: '1', bounds: { lo: { gt: 0 } } }), is: 'c3' },
  { of: 'composite with an uri', where: composite(sys, { op: 'uri', param: '1', match: 'exact', value: 'urn:x' }), is: 'c3' },
  {
    of: 'composite with not',
    where: composite(sys, { op: 'not', of: { op: 'string', param: '1', match: 'exact', value: 'High' } }),
    is: 'c1 c3',
  },
  {
    of: 'composite with or',
    where: composite(
      {
        op: 'or',
        of: [
          { op: 'token', param: '0', code: 'dia' },
          { op: 'token', param: '0', code: 'alias' },
        ],
      },
      ALL,
    ),
    is: 'c1 c3',
  },
  { of: 'composite with and', where: composite({ op: 'and', of: [sys, { op: 'token', param: '0', code: 'alias' }] }, ALL), is: 'c3' },
  { of: 'present token', where: { op: 'present', param: 'code', kind: 'token' }, is: 't1 t2 t3 t4' },
  { of: 'present string', where: { op: 'present', param: 'name', kind: 'string' }, is: 'n1 n2 n3 n4' },
  { of: 'present reference', where: { op: 'present', param: 'subject', kind: 'reference' }, is: 'r1 r2 r3' },
  { of: 'present date', where: { op: 'present', param: 'date', kind: 'date' }, is: 'd1 d2 d3 d4' },
  { of: 'present number', where: { op: 'present', param: 'probability', kind: 'number' }, is: 'm1 m2' },
  { of: 'present quantity', where: { op: 'present', param: 'value-quantity', kind: 'quantity' }, is: 'q1 q2' },
  { of: 'present uri', where: { op: 'present', param: 'url', kind: 'uri' }, is: 'u1 u2 u3' },
  { of: 'present composite', where: { op: 'present', param: 'code-value', kind: 'composite' }, is: 'c1 c2 c3' },
  {
    of: 'absent',
    where: {
      op: 'and',
      of: [
        { op: 'id', ids: ['t1', 'n1'] },
        { op: 'not', of: { op: 'present', param: 'name', kind: 'string' } },
      ],
    },
    is: 't1',
  },
  { of: 'id', where: { op: 'id', ids: ['q1', 'nope', 't2'] }, is: 't2 q1' },
  { of: 'no id', where: { op: 'id', ids: [] }, is: '' },
  { of: 'own type', where: { op: 'type', types: ['Basic', 'Patient'] }, is: Object.keys(DATA).join(' ') },
  { of: 'another type', where: { op: 'type', types: ['Patient'] }, is: '' },
  {
    of: 'last updated at',
    where: { op: 'last-updated', bounds: { lo: { gte: LATER }, hi: { lt: LATER + 1 } } },
    is: Object.keys(DATA)[0] ?? '',
  },
  {
    of: 'last updated after',
    where: { op: 'and', of: [name('starts', ''), { op: 'last-updated', bounds: { lo: { gt: LATER + 5 } } }] },
    is: 'n3 n4',
  },
  { of: 'and', where: { op: 'and', of: [name('starts', 'peter'), name('contains', 'son')] }, is: 'n2' },
  {
    of: 'and over several entries of one',
    where: {
      op: 'and',
      of: [
        { op: 'token', param: 'code', code: 'a' },
        { op: 'token', param: 'code', code: 'b' },
      ],
    },
    is: 't1',
  },
  {
    of: 'or',
    where: { op: 'or', of: [name('starts', 'peters'), { op: 'token', param: 'code', code: 'A' }, url('exact', 'urn:oid:1.2.3')] },
    is: 't4 n2 u3',
  },
  {
    of: 'or of what overlaps',
    where: {
      op: 'or',
      of: [
        { op: 'token', param: 'code', code: 'a' },
        { op: 'token', param: 'code', system: 's' },
      ],
    },
    is: 't1 t2 t3 t4',
  },
  {
    of: 'and with or',
    where: {
      op: 'and',
      of: [
        { op: 'or', of: [name('starts', 'peter'), name('starts', 'ab')] },
        { op: 'id', ids: ['n1', 'n4', 't1'] },
      ],
    },
    is: 'n1 n4',
  },
  {
    of: 'not',
    where: {
      op: 'and',
      of: [
        { op: 'token', param: 'code', code: 'a' },
        { op: 'not', of: { op: 'token', param: 'code', system: 's', code: 'b' } },
      ],
    },
    is: 't2 t3',
  },
  {
    of: 'not of and',
    where: {
      op: 'and',
      of: [
        { op: 'present', param: 'date', kind: 'date' },
        { op: 'not', of: { op: 'and', of: [dates({ lo: { gte: 150 } }), dates({ hi: { lte: 400 } })] } },
      ],
    },
    is: 'd1 d3',
  },
  {
    of: 'not of or',
    where: {
      op: 'and',
      of: [
        { op: 'present', param: 'date', kind: 'date' },
        { op: 'not', of: { op: 'or', of: [dates({ lo: { gte: 200 } }), dates({ hi: { lte: 150 } })] } },
      ],
    },
    is: 'd1',
  },
  {
    of: 'not alone',
    where: { op: 'not', of: { op: 'or', of: [{ op: 'id', ids: Object.keys(DATA).filter((id) => id !== 'm1') }, name('starts', 'p')] } },
    is: 'm1',
  },
];

export function searchContract(context: () => Context): void {
  describe('search', () => {
    let clinic: ClinicId;
    beforeAll(async () => {
      const { store, clock, clinic: next } = context();
      clinic = next();
      clock.set(LATER);
      for (const [id, some] of Object.entries(DATA)) {
        await write(store(), clinic, put('Basic', id, { entries: some }));
        clock.tick();
      }
      await write(store(), clinic, put('Patient', 'elsewhere', { entries: DATA['t1']! }));
    });

    it.each(CASES)('by $of', async ({ where, is }) => {
      const { store } = context();
      expect((await find(store(), clinic, 'Basic', where)).join(' ')).toBe(is);
      expect(await store().count(clinic, match('Basic', where))).toBe(is === '' ? 0 : is.split(' ').length);
    });

    it('gives bodies, or only keys', async () => {
      const { store } = context();
      const where: Node = { op: 'id', ids: ['t1'] };
      const [item] = (await store().search(clinic, query('Basic', where))).items;
      expect(decode(item!.body)).toBe(bodyText(text('Basic', 't1'), 1, LATER));
      const [bare] = (await store().search(clinic, query('Basic', where, { bodies: false }))).items;
      expect(bare).toMatchObject({ type: 'Basic', id: 't1', versionId: 1, seq: 1 });
    });

    it('over several types, told apart where they differ', async () => {
      const { store } = context();
      const where: Node = { op: 'token', param: 'code', system: 's', code: 'a' };
      expect(await find(store(), clinic, ['Basic', 'Patient', 'Flag'], where)).toEqual(['t1', 'elsewhere']);
      expect(await store().count(clinic, match(['Basic', 'Patient'], where))).toBe(2);
      const apart: Node = {
        op: 'or',
        of: [
          { op: 'and', of: [{ op: 'type', types: ['Patient'] }, where] },
          { op: 'id', ids: ['t2'] },
        ],
      };
      expect(await find(store(), clinic, ['Patient', 'Basic'], apart)).toEqual(['t2', 'elsewhere']);
      expect(await find(store(), clinic, [], where)).toEqual([]);
      expect(await find(store(), clinic, 'Flag', ALL)).toEqual([]);
    });

    it('within a range of numbers', async () => {
      const { store, clinic: next } = context();
      const own = next();
      await write(
        store(),
        own,
        ...['a', 'b', 'c', 'd'].map((id) => put('Patient', id, { entries: { token: [{ param: 'active', system: '', code: 'true' }] } })),
      );
      await write(store(), own, put('Patient', 'b', { entries: { token: [{ param: 'active', system: '', code: 'true' }] } }));
      const within = async (above: number | undefined, upTo: number | undefined) => {
        const seq = { ...(above === undefined ? {} : { above: asSeq(above) }), ...(upTo === undefined ? {} : { upTo: asSeq(upTo) }) };
        const results = await Promise.all([
          store().search(own, query('Patient', ALL, { seq })),
          store().search(own, query('Patient', { op: 'token', param: 'active', code: 'true' }, { seq })),
        ]);
        const found = ids(results[0].items);
        expect(ids(results[1].items)).toEqual(found);
        expect(await store().count(own, match('Patient', ALL, { seq }))).toBe(found.length);
        return found.join('');
      };
      expect(await within(undefined, 4)).toBe('acd');
      expect(await within(1, undefined)).toBe('bcd');
      expect(await within(3, 5)).toBe('bd');
      expect(await within(5, undefined)).toBe('');
    });

    it('what is denied by a parameter counts from the first resource that has a value', async () => {
      const { store, clinic: next } = context();
      const own = next();
      const denied: Node = { op: 'not', of: { op: 'token', param: '_security', system: 's', code: 'R' } };
      const label = (system: string) => ({ entries: { token: [{ param: '_security', system, code: 'R' }] } });
      await write(store(), own, put('Patient', 'a'));
      for (const [id, system, expected] of [
        ['b', 'other', ['a', 'b']],
        ['c', 's', ['a', 'b']],
      ] as const) {
        expect((await find(store(), own, 'Patient', denied)).includes(id)).toBe(false);
        await write(store(), own, put('Patient', id, label(system)));
        expect(await find(store(), own, 'Patient', denied)).toEqual(expected);
      }
    });

    it('is given up after its deadline', async () => {
      const { store } = context();
      const late = { deadline: Date.now() - 1 };
      await expect(store().search(clinic, query('Basic', name('contains', 'x'), late))).rejects.toMatchObject({ kind: 'too-costly' });
      await expect(store().count(clinic, match('Basic', name('contains', 'x'), late))).rejects.toMatchObject({ kind: 'too-costly' });
      await expect(store().searchTargets(clinic, match('Basic', ALL, late), 'subject', 10)).rejects.toMatchObject({ kind: 'too-costly' });
    });
  });
}
