/** What runs in the writer thread for the audit trail. */
import type { SqliteConnection } from '../../platform/sqlite/connection.ts';
import type { ThreadMethods } from '../../platform/sqlite/host.ts';
import { migrate } from '../../platform/sqlite/migrate.ts';
import type { Block, Chain, NewBlock, Registry } from '../port.ts';
import { MIGRATIONS } from './schema.ts';

export interface OpenRequest {
  readonly chain: Chain;
  readonly registry: Registry;
}
export type PersonalRequest = Pick<Block, 'clinic' | 'chain' | 'n' | 'personal'>;

const REGISTER = `INSERT INTO audit_registry (clinic, chains, seal) VALUES (?, ?, ?)
  ON CONFLICT (clinic) DO UPDATE SET chains = excluded.chains, seal = excluded.seal WHERE chains = excluded.chains - 1`;
const OPEN = 'INSERT INTO audit_chain (clinic, number, name, seal, head, head_seal) VALUES (?, ?, ?, ?, ?, ?)';
const INSERT = 'INSERT INTO audit_block (clinic, chain, n, mac, text, personal) VALUES (?, ?, ?, ?, ?, ?)';
const MOVE_HEAD = 'UPDATE audit_chain SET head = ?, head_seal = ? WHERE clinic = ? AND number = ?';
const REPLACE = 'UPDATE audit_block SET personal = ? WHERE clinic = ? AND chain = ? AND n = ?';

export function open(connection: SqliteConnection): ThreadMethods {
  const register = ({ chain, registry }: OpenRequest): boolean => {
    if (connection.prepare(REGISTER).run(chain.clinic, registry.chains, registry.seal).changes === 0) return false;
    connection.prepare(OPEN).run(chain.clinic, chain.number, chain.name, chain.seal, chain.head.n, chain.head.seal);
    return true;
  };
  const append = ({ clinic, chain, n, mac, text, personal, seal }: NewBlock): void => {
    connection.prepare(INSERT).run(clinic, chain, n, mac, text, personal);
    connection.prepare(MOVE_HEAD).run(n, seal, clinic, chain);
  };
  return {
    migrate: ({ now }: { readonly now: number }) => migrate(connection, MIGRATIONS, now),
    open: (request: OpenRequest) => connection.transaction(() => register(request)),
    append: (blocks: readonly NewBlock[]) => connection.transaction(() => blocks.forEach(append)),
    personal: ({ clinic, chain, n, personal }: PersonalRequest) =>
      connection.transaction(() => void connection.prepare(REPLACE).run(personal, clinic, chain, n)),
  };
}
