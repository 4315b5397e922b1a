/** What the two adapters for MongoDB have in common: how to connect, and which errors say that the server is away. */

/**
 * Options for a client. A server that is away is noticed within about two seconds, a request that finds no free
 * connection gives up as soon; what is acknowledged is on the journals of a majority.
 */
export const MONGO_CLIENT_OPTIONS = {
  appName: 'nadi',
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  waitQueueTimeoutMS: 2_000,
  socketTimeoutMS: 90_000,
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 64,
  minPoolSize: 1,
  ignoreUndefined: false,
  readPreference: 'primary' as const,
  writeConcern: { w: 'majority' as const, journal: true },
};

const DEFAULT_DATABASE = 'nadi';

/** The database that a connection string names, or `nadi`. */
export function mongoDatabase(url: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]*)/.exec(url)?.[1] ?? '';
  return path === '' ? DEFAULT_DATABASE : decodeURIComponent(path);
}

const AWAY_NAMES = new Set([
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'PoolClearedOnNetworkError',
  'MongoWaitQueueTimeoutError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoServerClosedError',
  'MongoStalePrimaryError',
  'MongoOperationTimeoutError',
  'MongoExpiredSessionError',
  'MongooseError',
]);

/** Codes of servers that step down, shut down or can't reach a majority: https://www.mongodb.com/docs/manual/reference/error-codes/ */
const AWAY_CODES = new Set([6, 7, 64, 89, 91, 100, 133, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436]);

/** Whether it may go well later, when the server can be reached again. */
export function isMongoAway(error: unknown): boolean {
  if (!(error instanceof Object)) return false;
  const { name, code } = error as { name?: unknown; code?: unknown };
  return (typeof name === 'string' && AWAY_NAMES.has(name)) || (typeof code === 'number' && AWAY_CODES.has(code));
}

/** Code of a unique index that refused a second one. */
export const DUPLICATE_KEY = 11000;
