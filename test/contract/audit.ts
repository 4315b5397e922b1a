/**
 * What every journal of the audit trail promises (`src/audit/port.ts`). An adapter supplies a factory:
 * `auditContract('sqlite', async (clock) => ({ journal, reopen, dispose }))`.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditJournal, Chain, NewBlock, Registry } from '../../src/audit/port.ts';
import { asClinicId, type ClinicId } from '../../src/fhir/model/ids.ts';
import type { Clock } from '../../src/platform/clock.ts';

export interface JournalUnderTest {
  readonly journal: AuditJournal;
  /** Closes the journal and opens the same data again. */
  reopen(): Promise<AuditJournal>;
  /** Closes the journal and removes its data. */
  dispose(): Promise<void>;
}

export type JournalFactory = (clock: Clock) => Promise<JournalUnderTest>;

const registry = (chains: number): Registry => ({ chains, seal: `registry ${chains}` });
const chain = (clinic: ClinicId, number: number, name = '2026-01-02 process'): Chain => ({
  clinic,
  number,
  name,
  seal: `opening ${number}`,
  head: { n: -1, seal: 'none' },
});
const block = (clinic: ClinicId, of: number, n: number): NewBlock => ({
  clinic,
  chain: of,
  n,
  text: `["text ${n}"]`,
  personal: `["personal ${n}"]`,
  mac: `mac ${n}`,
  seal: `head ${n}`,
});
const stored = ({ seal: _seal, ...kept }: NewBlock): unknown => kept;

export function auditContract(name: string, factory: JournalFactory): void {
  describe(`audit contract: ${name}`, () => {
    let under: JournalUnderTest;
    let journal: AuditJournal;
    let clinics = 0;
    const next = (): ClinicId => asClinicId(`clinic-${(clinics += 1)}`);
    beforeAll(async () => {
      under = await factory({ now: () => Date.UTC(2026, 0, 2) });
      journal = under.journal;
    }, 60_000);
    afterAll(() => under.dispose(), 60_000);

    it('a clinic without a chain has nothing', async () => {
      const clinic = next();
      expect(await journal.registry(clinic)).toBeUndefined();
      expect(await journal.chains(clinic, 0)).toEqual([]);
      expect(await journal.blocks(clinic, 1, -1, 10)).toEqual([]);
    });

    it('opens chains one after another; a number that is taken is refused and changes nothing', async () => {
      const clinic = next();
      expect(await journal.open(chain(clinic, 1), registry(1))).toBe(true);
      expect(await journal.open(chain(clinic, 1, 'other'), registry(1))).toBe(false);
      expect(await journal.open(chain(clinic, 3), registry(3))).toBe(false);
      expect(await journal.open(chain(clinic, 2), registry(2))).toBe(true);
      expect(await journal.registry(clinic)).toEqual(registry(2));
      expect(await journal.chains(clinic, 0)).toEqual([chain(clinic, 1), chain(clinic, 2)]);
      expect(await journal.chains(clinic, 1)).toEqual([chain(clinic, 2)]);
      expect(await journal.clinics()).toContain(clinic);
    });

    it('of many that open the same number one succeeds', async () => {
      const clinic = next();
      const opened = await Promise.all(Array.from({ length: 8 }, (_, i) => journal.open(chain(clinic, 1, `p${i}`), registry(1))));
      expect(opened.filter(Boolean)).toHaveLength(1);
      expect(await journal.chains(clinic, 0)).toHaveLength(1);
    });

    it('appends blocks of several chains and clinics at once, and moves their heads', async () => {
      const [a, b] = [next(), next()];
      for (const clinic of [a, b]) await journal.open(chain(clinic, 1), registry(1));
      await journal.append([block(a, 1, 0), block(b, 1, 0)]);
      await journal.append([block(a, 1, 1)]);
      expect((await journal.chains(a, 0))[0]?.head).toEqual({ n: 1, seal: 'head 1' });
      expect((await journal.chains(b, 0))[0]?.head).toEqual({ n: 0, seal: 'head 0' });
      expect(await journal.blocks(a, 1, -1, 10)).toEqual([block(a, 1, 0), block(a, 1, 1)].map(stored));
      expect(await journal.blocks(b, 1, -1, 10)).toEqual([stored(block(b, 1, 0))]);
    });

    it('gives blocks in order, in pages, of one chain only', async () => {
      const clinic = next();
      await journal.open(chain(clinic, 1), registry(1));
      await journal.open(chain(clinic, 2), registry(2));
      for (let n = 0; n < 12; n += 1) await journal.append([block(clinic, 1, n), block(clinic, 2, n)]);
      const numbers = async (after: number, limit: number) => (await journal.blocks(clinic, 1, after, limit)).map(({ n }) => n);
      expect(await numbers(-1, 5)).toEqual([0, 1, 2, 3, 4]);
      expect(await numbers(4, 5)).toEqual([5, 6, 7, 8, 9]);
      expect(await numbers(9, 5)).toEqual([10, 11]);
      expect(await numbers(11, 5)).toEqual([]);
    });

    it('replaces the erasable part of one block and nothing else', async () => {
      const clinic = next();
      await journal.open(chain(clinic, 1), registry(1));
      await journal.append([block(clinic, 1, 0)]);
      await journal.append([block(clinic, 1, 1)]);
      await journal.replacePersonal({ clinic, chain: 1, n: 0, personal: '["erased"]' });
      const [first, second] = await journal.blocks(clinic, 1, -1, 10);
      expect(first).toEqual({ ...(stored(block(clinic, 1, 0)) as object), personal: '["erased"]' });
      expect(second).toEqual(stored(block(clinic, 1, 1)));
    });

    it('keeps everything over a restart', async () => {
      const clinic = next();
      await journal.open(chain(clinic, 1), registry(1));
      await journal.append([block(clinic, 1, 0)]);
      journal = await under.reopen();
      expect(await journal.blocks(clinic, 1, -1, 10)).toEqual([stored(block(clinic, 1, 0))]);
      expect(await journal.registry(clinic)).toEqual(registry(1));
    });
  });
}
