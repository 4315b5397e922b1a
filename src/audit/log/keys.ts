/** What can't be made without SECRET_KEY: links of the chain, seals of its ends, pseudonyms. */
import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Block } from '../port.ts';

export interface AuditKeys {
  /** Links a block to the one before; `''` before the first. */
  link(block: Pick<Block, 'clinic' | 'chain' | 'n' | 'text'>, before: string): string;
  /** Seals the last block of a chain; of one without blocks, block -1 with the mac `''`. */
  head(block: Pick<Block, 'clinic' | 'chain' | 'n' | 'mac'>): string;
  opening(clinic: ClinicId, chain: number, name: string): string;
  registry(clinic: ClinicId, chains: number): string;
  /** Says that it was we who erased personal fields: `text` is what took their place. */
  erasure(place: Pick<Block, 'clinic' | 'chain' | 'n'>, index: number, text: string): string;
  /** Stands for an erased `Patient/9`, and always the same. */
  pseudonym(clinic: ClinicId, reference: string): string;
}

/** Keys derived from the secret for these purposes alone. */
export function createAuditKeys(secret: Uint8Array): AuditKeys {
  const key = (purpose: string): KeyObject => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `nadi audit ${purpose}`, 32)));
  const [chain, names] = [key('chain'), key('pseudonym')];
  const mac = (of: KeyObject, ...parts: readonly (string | number)[]): string =>
    createHmac('sha256', of).update(JSON.stringify(parts)).digest('base64url');
  return {
    link: ({ clinic, chain: number, n, text }, before) => mac(chain, 'link', clinic, number, n, before, text),
    head: ({ clinic, chain: number, n, mac: last }) => mac(chain, 'head', clinic, number, n, last),
    opening: (clinic, number, name) => mac(chain, 'opening', clinic, number, name),
    registry: (clinic, chains) => mac(chain, 'registry', clinic, chains),
    erasure: ({ clinic, chain: number, n }, index, text) => mac(chain, 'erasure', clinic, number, n, index, text),
    pseudonym: (clinic, reference) => `erased-${mac(names, clinic, reference).replaceAll('_', '.').slice(0, 32)}`,
  };
}

/** Binds a record to its personal fields and says nothing about them: the salt goes with them when they are erased. */
export const commitmentTo = (salt: string, fields: string): string => hash('sha256', `${salt} ${fields}`, 'base64url');
