import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeBlock } from '../../src/audit/log/record.ts';
import { verifyClinic, type Broken, type Days, type Verified } from '../../src/audit/log/verify.ts';
import type { AuditRecord } from '../../src/fhir/model/audit.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { clinic, onEachStore, type World } from './world.ts';

const record = (i: number, more: Partial<AuditRecord> = {}): AuditRecord => ({
  clinic,
  category: 'rest',
  what: 'read',
  outcome: 'success',
  status: 200,
  requestId: `request-${i}`,
  subject: 'Practitioner/1',
  target: `Observation/${i}`,
  patient: 'Patient/9',
  query: 'name=Canary',
  ...more,
});

onEachStore('the audit log', (open) => {
  let world: World;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  const verify = (days?: Days): Promise<Verified | Broken> => verifyClinic(world.audit, clinic, days);
  const all = async () => (await world.audit.journal.blocks(clinic, 1, -1, 1000)).flatMap(decodeBlock);
  /** Each in a block of its own. */
  const fill = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await world.audit.log.append(record(i));
  };

  it('gives back what was appended, in order, and many share a block', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, i) => world.audit.log.append(record(i))));
    expect((await all()).map(({ requestId }) => requestId)).toEqual(Array.from({ length: 300 }, (_, i) => `request-${i}`));
    expect((await all())[7]).toMatchObject(record(7));
    expect((await world.audit.journal.blocks(clinic, 1, -1, 1000)).length).toBeLessThan(10);
    expect(await verify()).toMatchObject({ chains: 1, records: 300, erased: 0 });
  });

  it('has a chain for each clinic, day and process', async () => {
    const other = asClinicId('other');
    world.clock.set(Date.UTC(2026, 0, 1, 23));
    await Promise.all([world.audit.log.append(record(1)), world.audit.log.append(record(2, { clinic: other }))]);
    const second = world.another();
    await second.log.append(record(3));
    world.clock.set(Date.UTC(2026, 0, 2, 1));
    await world.audit.log.append(record(4));
    expect((await world.audit.journal.chains(clinic, 0)).map(({ name }) => name.slice(0, 10))).toEqual([
      '2026-01-01',
      '2026-01-01',
      '2026-01-02',
    ]);
    expect(await verify()).toMatchObject({ chains: 3, records: 3 });
    expect(await verify({ from: '2026-01-02' })).toMatchObject({ chains: 1, records: 1 });
    expect(await verify({ to: '2026-01-01' })).toMatchObject({ chains: 2, records: 2 });
    expect(await verifyClinic(world.audit, other)).toMatchObject({ chains: 1, records: 1 });
  });

  it('L2: of another key is not genuine, nor what another key adds to it', async () => {
    await fill(1);
    const { createAuditKeys } = await import('../../src/audit/log/keys.ts');
    const keys = createAuditKeys(Buffer.alloc(32, 6));
    expect(await verifyClinic({ journal: world.audit.journal, keys }, clinic)).toHaveProperty('place', 'the list of chains');
    const [last] = await world.audit.journal.blocks(clinic, 1, -1, 1);
    const next = { ...last!, n: 1 };
    const mac = keys.link(next, last!.mac);
    await world.audit.journal.append([{ ...next, mac, seal: keys.head({ ...next, mac }) }]);
    expect(await verify()).toMatchObject({ place: 'chain 1, block 1' });
  });

  describe('L2: tampering is found', () => {
    const attacks: readonly (readonly [string, (world: World) => Promise<void>, string])[] = [
      ['a changed record', ({ raw }) => raw.change(1, 2, 'text', (t) => t.replace('request-2', 'request-x')), 'chain 1, block 2'],
      [
        'a changed personal field',
        ({ raw }) => raw.change(1, 3, 'personal', (t) => t.replace('Practitioner/1', 'Practitioner/2')),
        'chain 1, block 3, record 0',
      ],
      [
        'personal fields said to be erased',
        ({ raw }) => raw.change(1, 3, 'personal', (t) => t.replace(/^\[\["/, '[["!')),
        'chain 1, block 3, record 0',
      ],
      ['personal fields that are gone', ({ raw }) => raw.change(1, 3, 'personal', () => '[]'), 'chain 1, block 3, record 0'],
      ['personal fields that are nothing', ({ raw }) => raw.change(1, 3, 'personal', () => '{'), 'chain 1, block 3, record 0'],
      ['a removed block', ({ raw }) => raw.remove(1, 1), 'chain 1, block 1'],
      ['the first block removed', ({ raw }) => raw.remove(1, 0), 'chain 1, block 0'],
      ['blocks in another order', ({ raw }) => raw.swap(1, 1, 2), 'chain 1, block 1'],
      ['an inserted block', ({ raw }) => raw.insert(1, 2, 5), 'chain 1, block 5'],
      ['the tail cut off', ({ raw }) => raw.remove(1, 4), 'chain 1, block 4'],
      [
        'the tail cut off and the head moved',
        async ({ raw }) => {
          await raw.remove(1, 4);
          await raw.moveHead(1, 3);
        },
        'chain 1, block 3',
      ],
      [
        'all blocks removed and the head moved',
        async ({ raw }) => {
          for (let n = 0; n < 5; n += 1) await raw.remove(1, n);
          await raw.moveHead(1, -1);
        },
        'chain 1',
      ],
      ['a removed chain', ({ raw }) => raw.removeChain(1), 'chain 1'],
      [
        'a removed chain and a shorter list',
        async ({ raw }) => {
          await raw.removeChain(1);
          await raw.moveRegistry(0);
        },
        'the list of chains',
      ],
    ];
    it.each(attacks)('%s', async (_name, attack, place) => {
      await fill(5);
      expect(await verify()).toMatchObject({ records: 5 });
      await attack(world);
      expect(await verify()).toMatchObject({ place });
    });
  });
});
