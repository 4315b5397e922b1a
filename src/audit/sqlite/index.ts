/** The audit trail in SQLite: written by the writer thread, read where it is asked for. */
import { asClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import { openConnection, rowOf, rowsOf, type SqliteConnection, type SqlRow } from '../../platform/sqlite/connection.ts';
import { isSqliteAway } from '../../platform/sqlite/errors.ts';
import { createSqliteThread, type SqliteThread } from '../../platform/sqlite/thread.ts';
import type { AuditJournal, Block, Chain } from '../port.ts';

export interface SqliteJournalOptions {
  /** Path of the database; made if it isn't there. */
  readonly file: string;
  readonly clock: Clock;
  /** The thread that writes, if it is shared with the store of the same file; closed by who made it. */
  readonly writer?: SqliteThread;
}

const WRITER = new URL(`./writer${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
const WRITER_CACHE_KIB = 8 << 10;
const READER_CACHE_KIB = 4 << 10;

/** Opens the trail, making or upgrading its schema. Throws `unavailable` if the file can't serve. */
export async function openSqliteJournal({ file, clock, writer }: SqliteJournalOptions): Promise<AuditJournal> {
  const thread = writer ?? createSqliteThread({ file, readOnly: false, cacheKiB: WRITER_CACHE_KIB });
  try {
    await thread.call(WRITER, 'migrate', { now: clock.now() });
    const connection = openConnection(file, { readOnly: true, cacheKiB: READER_CACHE_KIB });
    const call = <T>(method: string, args: unknown): Promise<T> => calling(async () => (await thread.call(WRITER, method, args)) as T);
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      if (!writer) await thread.close();
      connection.close();
    };
    return {
      ...createReads(connection),
      open: (chain, registry) => call<boolean>('open', { chain, registry }),
      append: (blocks) => call('append', blocks),
      replacePersonal: (block) => call('personal', block),
      close: () => (closing ??= close()),
    };
  } catch (error) {
    if (!writer) await thread.close();
    throw toPortError(error);
  }
}

const CHAINS = 'SELECT number, name, seal, head, head_seal FROM audit_chain WHERE clinic = ? AND number > ? ORDER BY number';
const BLOCKS = 'SELECT n, text, personal, mac FROM audit_block WHERE clinic = ? AND chain = ? AND n > ? ORDER BY n LIMIT ?';

function createReads(connection: SqliteConnection): Pick<AuditJournal, 'registry' | 'chains' | 'blocks' | 'clinics'> {
  const all = (text: string, ...values: readonly (string | number)[]): Promise<SqlRow[]> =>
    calling(async () => rowsOf(connection.prepare(text), values));
  return {
    registry: (clinic) =>
      calling(async () => {
        const row = rowOf(connection.prepare('SELECT chains, seal FROM audit_registry WHERE clinic = ?'), [clinic]);
        return row && { chains: row[0] as number, seal: row[1] as string };
      }),
    chains: async (clinic, above) => (await all(CHAINS, clinic, above)).map((row) => toChain(clinic, row)),
    blocks: async (clinic, chain, after, limit) =>
      (await all(BLOCKS, clinic, chain, after, limit)).map((row) => toBlock({ clinic, chain }, row)),
    clinics: async () =>
      (await all('SELECT clinic FROM audit_registry UNION SELECT clinic FROM audit_chain ORDER BY 1')).map((row) =>
        asClinicId(row[0] as string),
      ),
  };
}

function toChain(clinic: ClinicId, row: SqlRow): Chain {
  const [number, name, seal, head, headSeal] = row as readonly [number, string, string, number, string];
  return { clinic, number, name, seal, head: { n: head, seal: headSeal } };
}

function toBlock(place: Pick<Block, 'clinic' | 'chain'>, row: SqlRow): Block {
  const [n, text, personal, mac] = row as readonly [number, string, string, string];
  return { ...place, n, text, personal, mac };
}

/** Says `unavailable` where the file can't serve. */
async function calling<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toPortError(error);
  }
}

function toPortError(error: unknown): unknown {
  if (!isSqliteAway(error)) return error;
  const away = fhirError('unavailable', 'the audit trail cannot be used now', 'Try again in a few seconds.');
  away.cause = error;
  return away;
}
