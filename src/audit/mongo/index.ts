/**
 * The audit trail in MongoDB: blocks and heads in one collection, so that a block and the head that it moves go in one
 * command. In a cluster, shard `audit` by `{ _id: 1 }`: ids begin with the clinic.
 */
import { MongoClient, MongoServerError, type Collection, type Document } from 'mongodb';
import { asClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { DUPLICATE_KEY, isMongoAway, MONGO_CLIENT_OPTIONS, mongoDatabase } from '../../platform/mongo.ts';
import type { AuditJournal, Block, Chain, NewBlock, Registry } from '../port.ts';

export interface MongoJournalOptions {
  /** A connection string of a replica set or a mongos. */
  readonly url: string;
  /** Instead of the one that the connection string names. */
  readonly database?: string;
}

const NAME = 'audit';

/** `clinic/chain/n` of a block, `!clinic/chain` of a chain, `#clinic` of a registry; numbers in digits that sort. */
interface AuditDocument {
  readonly _id: string;
  readonly mac?: string;
  readonly text?: string;
  readonly personal?: string;
  readonly name?: string;
  readonly seal?: string;
  readonly head?: { readonly n: number; readonly seal: string };
  readonly chains?: number;
}

/** Opens the trail. Throws `unavailable` if the server is away. */
export async function openMongoJournal({ url, database }: MongoJournalOptions): Promise<AuditJournal> {
  const client = new MongoClient(url, MONGO_CLIENT_OPTIONS);
  const db = client.db(database ?? mongoDatabase(url));
  const audit = db.collection<AuditDocument>(NAME);
  try {
    await calling(() => client.connect());
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    ...createReads(audit),
    open: (chain, registry) => calling(() => open(audit, chain, registry)),
    append: (blocks) =>
      calling(async () => {
        const answer = await db.command({ update: NAME, updates: blocks.flatMap(stepsOf), ordered: true, writeConcern: DURABLE });
        const [error] = (answer['writeErrors'] as Document[] | undefined) ?? [];
        if (error) throw new MongoServerError(error);
        if (answer['writeConcernError']) throw new MongoServerError(answer['writeConcernError'] as Document);
      }),
    replacePersonal: ({ clinic, chain, n, personal }) =>
      calling(async () => {
        await audit.updateOne({ _id: blockId(clinic, chain, n) }, { $set: { personal } });
      }),
    close: () => client.close(),
  };
}

const DURABLE = { w: 'majority', j: true } as const;
/** Numbers in ids are padded to this. */
const DIGITS = 10;
const digits = (number: number): string => String(number).padStart(DIGITS, '0');
const registryId = (clinic: ClinicId): string => `#${clinic}`;
const chainId = (clinic: ClinicId, chain: number): string => `!${clinic}/${digits(chain)}`;
const blockId = (clinic: ClinicId, chain: number, n: number): string => `${clinic}/${digits(chain)}/${digits(n)}`;

/** In this order: a server that dies in between leaves a block beyond the head, which was never acknowledged. */
function stepsOf({ clinic, chain, n, mac, text, personal, seal }: NewBlock): Document[] {
  return [
    { q: { _id: blockId(clinic, chain, n) }, u: { $setOnInsert: { mac, text, personal } }, upsert: true },
    { q: { _id: chainId(clinic, chain) }, u: { $set: { head: { n, seal } } } },
  ];
}

/** The chain comes first: a process that dies in between leaves one that the next to open takes over as its own number. */
async function open(audit: Collection<AuditDocument>, chain: Chain, registry: Registry): Promise<boolean> {
  const { clinic, number, name, seal, head } = chain;
  const known = (await audit.findOne({ _id: registryId(clinic) }))?.chains ?? 0;
  if (known !== number - 1) return false;
  const id = chainId(clinic, number);
  await audit.replaceOne({ _id: id, 'head.n': -1 }, { name, seal, head }, { upsert: true }).catch(unlessTaken);
  const moved = await audit
    .updateOne(
      { _id: registryId(clinic), chains: number === 1 ? { $exists: false } : number - 1 },
      { $set: { ...registry } },
      { upsert: number === 1 },
    )
    .catch(unlessTaken);
  if (moved === undefined || moved.modifiedCount + moved.upsertedCount !== 1) return false;
  // Whoever came at the same time may have put its own name there before the registry was ours.
  await audit.updateOne({ _id: id, 'head.n': -1 }, { $set: { name, seal, head } });
  return true;
}

function unlessTaken(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
}

function createReads(audit: Collection<AuditDocument>): Pick<AuditJournal, 'registry' | 'chains' | 'blocks' | 'clinics'> {
  return {
    registry: (clinic) =>
      calling(async () => {
        const found = await audit.findOne({ _id: registryId(clinic) }, MAJORITY);
        return found ? { chains: found.chains ?? 0, seal: found.seal ?? '' } : undefined;
      }),
    chains: (clinic, above) =>
      calling(async () => {
        const range = { $gt: chainId(clinic, above), $lt: `!${clinic}0` };
        const found = await audit.find({ _id: range }, MAJORITY).sort({ _id: 1 }).toArray();
        return found.map((document) => toChain(clinic, document));
      }),
    blocks: (clinic, chain, after, limit) =>
      calling(async () => {
        const of = `${clinic}/${digits(chain)}`;
        const range = { $gt: after < 0 ? `${of}/` : blockId(clinic, chain, after), $lt: `${of}0` };
        const found = await audit.find({ _id: range }, MAJORITY).sort({ _id: 1 }).limit(limit).toArray();
        return found.map((document) => toBlock({ clinic, chain }, document));
      }),
    clinics: () =>
      calling(async () => {
        const found = await audit.find({ _id: { $gte: '!', $lt: '$' } }, { ...MAJORITY, projection: { _id: 1 } }).toArray();
        return [...new Set(found.map(({ _id }) => asClinicId(_id.slice(1).split('/', 1)[0] as string)))].sort();
      }),
  };
}

const MAJORITY = { readConcern: { level: 'majority' } } as const;

const NO_HEAD = { n: -1, seal: '' };

function toChain(clinic: ClinicId, { _id, name = '', seal = '', head = NO_HEAD }: AuditDocument): Chain {
  return { clinic, number: numberOf(_id), name, seal, head };
}

const toBlock = (place: Pick<Block, 'clinic' | 'chain'>, { _id, text = '', personal = '', mac = '' }: AuditDocument): Block => ({
  ...place,
  n: numberOf(_id),
  text,
  personal,
  mac,
});

const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf('/') + 1));

/** Says `unavailable` where the server is away. */
async function calling<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isMongoAway(error)) throw error;
    const away = fhirError('unavailable', 'the audit trail cannot be reached', 'Try again in a few seconds.');
    away.cause = error;
    throw away;
  }
}
