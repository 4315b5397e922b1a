/**
 * Where the audit trail is kept: blocks of records, each linked to the one before. Two adapters, `sqlite/` and `mongo/`;
 * both pass `test/contract/audit.ts`. Nothing here knows a key: what can't be forged is made in `log/`.
 */
import type { ClinicId } from '../fhir/model/ids.ts';

export interface AuditJournal {
  /** How many chains a clinic has, sealed. */
  registry(clinic: ClinicId): Promise<Registry | undefined>;
  /** Adds a chain, the `number`th of its clinic, and replaces the registry; false if that number is taken. */
  open(chain: Chain, registry: Registry): Promise<boolean>;
  /** Adds blocks and moves the heads of their chains, together. Resolves when they survive `kill -9`. */
  append(blocks: readonly NewBlock[]): Promise<void>;
  /** Chains numbered above `above`, in order. */
  chains(clinic: ClinicId, above: number): Promise<Chain[]>;
  /** Blocks numbered above `after`, in order; -1: from the first. */
  blocks(clinic: ClinicId, chain: number, after: number, limit: number): Promise<Block[]>;
  /** Replaces the erasable part of a block. On SQLite what was there is overwritten by `FhirStore.scrub`. */
  replacePersonal(block: Pick<Block, 'clinic' | 'chain' | 'n' | 'personal'>): Promise<void>;
  /** All clinics that have a chain, ordered. */
  clinics(): Promise<ClinicId[]>;
  close(): Promise<void>;
}

export interface Registry {
  readonly chains: number;
  readonly seal: string;
}

export interface Chain {
  readonly clinic: ClinicId;
  /** 1, 2, 3 within the clinic, in the order of opening. */
  readonly number: number;
  /** The day (UTC) and the process: `2026-01-31 4f0c…`. */
  readonly name: string;
  readonly seal: string;
  /** The last block; -1 before the first. */
  readonly head: { readonly n: number; readonly seal: string };
}

export interface Block {
  readonly clinic: ClinicId;
  readonly chain: number;
  /** 0, 1, 2 within the chain. */
  readonly n: number;
  /** What never changes: JSON. */
  readonly text: string;
  /** What may be erased: JSON. The text has commitments to it. */
  readonly personal: string;
  /** Of the text, the place and the block before. */
  readonly mac: string;
}

export interface NewBlock extends Block {
  /** Of the chain's head once the block is there. */
  readonly seal: string;
}
