/** Walks the chains of a clinic and finds the first place where they were tampered with. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import { createSlice } from '../../fhir/model/slices.ts';
import type { AuditJournal, Block, Chain } from '../port.ts';
import { commitmentTo, type AuditKeys } from './keys.ts';
import { commitmentsOf, ERASED, fieldsText, personalOf, type Personal } from './record.ts';

export interface Verified {
  readonly chains: number;
  readonly blocks: number;
  readonly records: number;
  /** Records whose personal fields were erased on request. */
  readonly erased: number;
}

/** Where and what; `place` is `chain 3, block 17, record 2`. */
export interface Broken {
  readonly place: string;
  readonly what: string;
}

/** Days (UTC, `2026-01-31`) of the chains that are walked, both included. */
export interface Days {
  readonly from?: string;
  readonly to?: string;
}

export interface VerifyDeps {
  readonly journal: AuditJournal;
  readonly keys: AuditKeys;
}

const BLOCKS_AT_ONCE = 50;

/** The counts, or the first broken place. */
export async function verifyClinic(deps: VerifyDeps, clinic: ClinicId, days: Days = {}): Promise<Verified | Broken> {
  const registry = await deps.journal.registry(clinic);
  const chains = await deps.journal.chains(clinic, 0);
  const broken = brokenList(deps.keys, clinic, registry, chains);
  if (broken) return broken;
  const total = { chains: 0, blocks: 0, records: 0, erased: 0 };
  for (const chain of chains) {
    if (!isWithin(chain, days)) continue;
    const walked = await walkChain(deps, chain);
    if ('what' in walked) return walked;
    total.chains += 1;
    for (const name of ['blocks', 'records', 'erased'] as const) total[name] += walked[name];
  }
  return total;
}

const isWithin = ({ name }: Chain, { from = '', to = '\uffff' }: Days): boolean => {
  const day = name.slice(0, 10);
  return day >= from && day <= to;
};

/** A chain that was being opened when its process died has no block, and may be missing in the registry. */
function brokenList(keys: AuditKeys, clinic: ClinicId, registry: Awaited<ReturnType<AuditJournal['registry']>>, chains: readonly Chain[]) {
  const count = registry?.chains ?? 0;
  if (registry && registry.seal !== keys.registry(clinic, count)) return { place: 'the list of chains', what: 'its seal is wrong' };
  for (let number = 1; number <= count; number++) {
    if (chains[number - 1]?.number !== number) return { place: `chain ${number}`, what: 'is missing' };
  }
  const extra = chains.slice(count).find((chain) => chain.head.n >= 0 || chain.number !== count + 1);
  if (extra) return { place: `chain ${extra.number}`, what: 'is not in the list of chains' };
  const forged = chains.find((chain) => chain.seal !== keys.opening(clinic, chain.number, chain.name));
  return forged && { place: `chain ${forged.number}`, what: 'the seal of its opening is wrong' };
}

/** Blocks beyond the head are fine if they are linked: they came while we walk, or were never acknowledged. */
async function walkChain({ journal, keys }: VerifyDeps, chain: Chain): Promise<Omit<Verified, 'chains'> | Broken> {
  const slice = createSlice();
  const total = { blocks: 0, records: 0, erased: 0 };
  const { clinic, number, head } = chain;
  for (let last: Block | undefined; ;) {
    const blocks = await journal.blocks(clinic, number, last?.n ?? -1, BLOCKS_AT_ONCE);
    for (const block of blocks) {
      const checked = checkBlock(keys, block, last, head);
      if ('what' in checked) return checked;
      total.blocks += 1;
      total.records += checked.records;
      total.erased += checked.erased;
      last = block;
      const pause = slice.breathe();
      if (pause) await pause;
    }
    if (blocks.length === BLOCKS_AT_ONCE) continue;
    const missing = (last?.n ?? -1) < head.n;
    const empty = { clinic, chain: number, n: -1, mac: '' };
    if (head.n === -1 && head.seal !== keys.head(empty)) return { place: `chain ${number}`, what: "the seal of the chain's end is wrong" };
    return missing
      ? { place: `chain ${number}, block ${(last?.n ?? -1) + 1}`, what: `is missing: the chain has ${head.n + 1} blocks` }
      : total;
  }
}

function checkBlock(
  keys: AuditKeys,
  block: Block,
  before: Block | undefined,
  head: Chain['head'],
): Broken | { records: number; erased: number } {
  const expected = (before?.n ?? -1) + 1;
  const place = `chain ${block.chain}, block ${expected}`;
  if (block.n !== expected) return { place, what: 'is missing' };
  if (block.mac !== keys.link(block, before?.mac ?? '')) return { place, what: 'was changed, or is not the one that was here' };
  if (head.n === block.n && head.seal !== keys.head(block))
    return { place, what: "is the last one, but the seal of the chain's end is wrong" };
  const personal = readPersonal(block);
  const commitments = commitmentsOf(block);
  const wrong = commitments.findIndex((commitment, i) => !isGenuine(keys, block, i, personal[i], commitment));
  if (wrong !== -1) return { place: `${place}, record ${wrong}`, what: 'its personal fields were changed' };
  if (personal.length !== commitments.length) return { place, what: 'has more personal fields than records' };
  return { records: commitments.length, erased: personal.filter(isErased).length };
}

/** It isn't linked: there can be anything. */
function readPersonal(block: Block): readonly Personal[] {
  try {
    const read: unknown = personalOf(block);
    return Array.isArray(read) ? read.filter((own): own is Personal => Array.isArray(own) && typeof own[0] === 'string') : [];
  } catch {
    return [];
  }
}

const isErased = ([salt]: Personal): boolean => salt.startsWith(ERASED);

function isGenuine(keys: AuditKeys, block: Block, index: number, personal: Personal | undefined, commitment: string): boolean {
  if (!personal) return false;
  const text = fieldsText(personal);
  return isErased(personal) ? personal[0].slice(1) === keys.erasure(block, index, text) : commitmentTo(personal[0], text) === commitment;
}
