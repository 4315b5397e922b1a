import { beforeAll, describe, expect, it } from '@jest/globals';
import { asSeq, type ClinicId } from '../../../src/fhir/model/ids.ts';
import { ALL, type Node } from '../../../src/fhir/search/ast.ts';
import { match, put, write, type Context } from './context.ts';

const reference = (param: string, type: string, id: string) => ({ param, type, id });
const code = (value: string): Node => ({ op: 'token', param: 'code', code: value });
const observation = (id: string, value: string, patient: string) =>
  put('Observation', id, {
    entries: {
      token: [{ param: 'code', system: 's', code: value }],
      reference: [
        reference('subject', 'Patient', patient),
        reference('performer', 'Practitioner', `for-${patient}`),
        reference('focus', '', `urn:${patient}`),
      ],
    },
  });

export function targetContract(context: () => Context): void {
  describe('targets', () => {
    let clinic: ClinicId;
    beforeAll(async () => {
      const { store, clinic: next } = context();
      clinic = next();
      await write(
        store(),
        clinic,
        observation('o1', 'a', 'p1'),
        observation('o2', 'a', 'p2'),
        observation('o3', 'a', 'p1'),
        observation('o4', 'b', 'p3'),
      );
      await write(
        store(),
        clinic,
        put('Condition', 'c1', { entries: { reference: [reference('subject', 'Patient', 'p4'), reference('subject', 'Group', 'p1')] } }),
      );
    });

    const CASES: readonly { name: string; types: string[]; where: Node; param: string; limit: number; is: string; complete: boolean }[] = [
      {
        name: 'are distinct',
        types: ['Observation'],
        where: code('a'),
        param: 'subject',
        limit: 10,
        is: 'Patient/p1 Patient/p2',
        complete: true,
      },
      {
        name: 'at most the limit',
        types: ['Observation'],
        where: ALL,
        param: 'subject',
        limit: 3,
        is: 'Patient/p1 Patient/p2 Patient/p3',
        complete: true,
      },
      {
        name: 'of another parameter',
        types: ['Observation'],
        where: code('b'),
        param: 'performer',
        limit: 10,
        is: 'Practitioner/for-p3',
        complete: true,
      },
      { name: 'of a parameter without values', types: ['Observation'], where: ALL, param: 'nope', limit: 10, is: '', complete: true },
      { name: 'of what is no resource', types: ['Observation'], where: ALL, param: 'focus', limit: 10, is: '', complete: true },
      { name: 'of nothing that matches', types: ['Observation'], where: code('z'), param: 'subject', limit: 10, is: '', complete: true },
      {
        name: 'of several types',
        types: ['Observation', 'Condition'],
        where: ALL,
        param: 'subject',
        limit: 10,
        is: 'Group/p1 Patient/p1 Patient/p2 Patient/p3 Patient/p4',
        complete: true,
      },
    ];

    it.each(CASES)('$name', async ({ types, where, param, limit, is, complete }) => {
      const found = await context().store().searchTargets(clinic, match(types, where), param, limit);
      const names = found.targets.map((t) => `${t.type}/${t.id}`).sort();
      expect(names.join(' ')).toBe(is);
      expect(found.complete).toBe(complete);
    });

    it('beyond the limit are incomplete', async () => {
      const found = await context().store().searchTargets(clinic, match('Observation'), 'subject', 2);
      expect(found.targets).toHaveLength(2);
      expect(found.complete).toBe(false);
    });

    it('keep within a range of numbers', async () => {
      const found = await context()
        .store()
        .searchTargets(clinic, match('Observation', ALL, { seq: { above: asSeq(3) } }), 'subject', 10);
      expect(found).toEqual({ targets: [{ type: 'Patient', id: 'p3' }], complete: true });
    });
  });
}
