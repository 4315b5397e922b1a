/** The composition root: opens what the settings name, and hands everything what it needs. The only file that names adapters. */
import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Dependencies } from './operation/routes.ts';
import type { CommandServices } from './cli/command.ts';
import type { RecordStore } from './records/port.ts';
import type { FhirStore } from './fhir/store/port.ts';
import { createAudit } from './audit/index.ts';
import type { AuditJournal } from './audit/port.ts';
import { createFhir, DEFAULT_LIMITS, type FhirDeps } from './fhir/index.ts';
import { loadDefinitions } from './fhir/model/definitions.ts';
import { asClinicId } from './fhir/model/ids.ts';
import { createPathLocator } from './fhir/patch/path-locator.ts';
import { createWork } from './fhir/work/work.ts';
import { createRegistry } from './fhir/search/registry.ts';
import { createExtractor } from './fhir/search/values/index.ts';
import { createUnits } from './fhir/search/values/normalise/index.ts';
import { createValidator } from './fhir/validation/index.ts';
import { pingRedis } from './operation/redis.ts';
import { secretKey } from './operation/secret-key.ts';
import { createClinicZones, type ClinicZones } from './smart-auth/clinics/zones.ts';
import { createConsentReader, type ConsentReader } from './smart-auth/consent/reader.ts';
import { createPersonRecords } from './smart-auth/erase/index.ts';
import { createSigningKeys, type SigningKeys } from './smart-auth/keys/key-set.ts';
import { systemClock } from './platform/clock.ts';
import { uuidSource } from './platform/ids.ts';
import { createSealer, type Sealer } from './platform/seal.ts';

export interface Services extends Omit<CommandServices, 'baseUrl'> {
  readonly keys: SigningKeys;
  readonly consents: ConsentReader;
  readonly zones: ClinicZones;
  /** A sealer for a purpose. */
  readonly sealerFor: (purpose: string) => Sealer;
  /** What has to answer for the server to be ready. */
  readonly dependencies: Dependencies;
  close(): Promise<void>;
}

/** Opens stores and builds the FHIR server on them. The data directory is locked already. Throws what the stores throw. */
export async function openServices(config: Config): Promise<Services> {
  const secret = secretKey(config.SECRET_KEY, config.DATA_DIR);
  const { store, records, journal, closeShared } = await openStores(config);
  const locator = createPathLocator();
  const sealerFor = (purpose: string): Sealer => createSealer([secret], purpose);
  const zones = createClinicZones(records, new Map([[asClinicId(config.BOOTSTRAP_CLINIC), config.CLINIC_TIME_ZONE]]));
  const tools = createTools(zones.of);
  const consents = createConsentReader({ ...tools, store });
  const work = createWork({ ...tools, locator });
  const deps = { ...tools, store: consents.store, work, sealer: sealerFor('cursor') };
  const audit = createAudit({ ...deps, records, journal, secret, observer: 'nadi' });
  const keys = createSigningKeys({ records, sealer: sealerFor('signing-keys'), clock: systemClock });
  const redisUrl = config.REDIS_URL;
  return {
    deps,
    records,
    audit,
    people: createPersonRecords({ ...deps, records, outbox: outboxOf(config) }),
    ...{ keys, consents, zones, sealerFor },
    rotateSigningKeys: () => keys.rotate(),
    dispatch: createFhir(deps),
    defaultClinic: asClinicId(config.BOOTSTRAP_CLINIC),
    dependencies: {
      database: () => store.check(),
      records: () => records.check(),
      ...(redisUrl === undefined ? {} : { redis: () => pingRedis(redisUrl, REDIS_MS) }),
    },
    async close() {
      await Promise.all([work.close(), locator.close()]);
      await audit.log.idle();
      await Promise.all([store.close(), records.close(), journal.close()]);
      await closeShared();
    },
  };
}

/** Where messages become files as long as nothing sends them. */
export const outboxOf = ({ DATA_DIR }: Pick<Config, 'DATA_DIR'>): string => join(DATA_DIR, 'outbox');

const REDIS_MS = 1500;

/** What is the same whatever the store. */
export function createTools(timeZoneOf: FhirDeps['timeZoneOf']): Omit<FhirDeps, 'store' | 'work' | 'sealer'> {
  const definitions = loadDefinitions();
  const registry = createRegistry(definitions);
  const units = createUnits();
  return {
    definitions,
    registry,
    units,
    extractor: createExtractor({ definitions, registry, units }),
    validator: createValidator({ definitions }),
    clock: systemClock,
    newId: uuidSource(systemClock),
    timeZoneOf,
    limits: DEFAULT_LIMITS,
  };
}

interface Stores {
  readonly store: FhirStore;
  readonly records: RecordStore;
  readonly journal: AuditJournal;
  /** Closes what both stand on, after them. */
  readonly closeShared: () => Promise<void>;
}

/** Only the adapters in use are loaded: MongoDB's drivers cost a tenth of a second and 30 MB. */
async function openStores({ database }: Config): Promise<Stores> {
  const clock = systemClock;
  if (database.kind === 'sqlite') {
    const { createSqliteWriter, openSqliteStore } = await import('./fhir/store/sqlite/index.ts');
    const { openSqliteRecords } = await import('./records/sqlite/index.ts');
    const { openSqliteJournal } = await import('./audit/sqlite/index.ts');
    const file = database.file;
    // One thread writes: two would wait for each other's locks.
    const writer = createSqliteWriter(file);
    const store = await openSqliteStore({ file, clock, writer });
    const records = await openSqliteRecords({ file, clock, writer });
    const journal = await openSqliteJournal({ file, clock, writer });
    return { store, records, journal, closeShared: () => writer.close() };
  }
  const { openMongoStore } = await import('./fhir/store/mongo/index.ts');
  const { openMongoRecords } = await import('./records/mongo/index.ts');
  const { openMongoJournal } = await import('./audit/mongo/index.ts');
  const [store, records, journal] = await Promise.all([
    openMongoStore({ url: database.url, clock }),
    openMongoRecords({ url: database.url, clock }),
    openMongoJournal({ url: database.url }),
  ]);
  return { store, records, journal, closeShared: () => Promise.resolve() };
}
