/** Routes served for tests: over real HTTP, with records on each store that there is. */
import { createAddressOf } from '../../src/platform/peer.ts';
import { describe } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiHandler, type ApiOptions } from '../../src/api/handler.ts';
import { createIdempotency } from '../../src/api/idempotency.ts';
import type { ApiIdentity, Route } from '../../src/api/route.ts';
import { createRouteTable } from '../../src/api/table.ts';
import { BODY_BUDGET, createBodyBudget } from '../../src/fhir/http/body-budget.ts';
import type { AuditRecord } from '../../src/fhir/model/audit.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { ALL_ACCESS, type Role } from '../../src/fhir/model/principal.ts';
import { fhirError } from '../../src/fhir/outcome/error.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import { openMongoRecords } from '../../src/records/mongo/index.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { openSqliteRecords } from '../../src/records/sqlite/index.ts';
import { dropDatabase, freshDatabase } from '../store/mongo/database.ts';

export interface TestRecords {
  readonly records: RecordStore;
  readonly dispose: () => Promise<void>;
}

/** Runs the tests once on each store of records. */
export function onEachRecordStore(name: string, tests: (open: (clock?: Clock) => Promise<TestRecords>) => void): void {
  const kinds = process.env['TEST_MONGODB_URL'] ? (['sqlite', 'mongo'] as const) : (['sqlite'] as const);
  describe.each(kinds)(`${name} on %s`, (kind) =>
    tests((clock = systemClock) => (kind === 'sqlite' ? openInFile(clock) : openInMongo(clock))),
  );
}

async function openInFile(clock: Clock): Promise<TestRecords> {
  const folder = await mkdtemp(join(tmpdir(), 'nadi-api-'));
  const records = await openSqliteRecords({ file: join(folder, 'nadi.db'), clock });
  return { records, dispose: () => records.close().then(() => rm(folder, { recursive: true })) };
}

async function openInMongo(clock: Clock): Promise<TestRecords> {
  const url = process.env['TEST_MONGODB_URL'] as string;
  const database = freshDatabase();
  const records = await openMongoRecords({ url, database, clock });
  return { records, dispose: () => records.close().then(() => dropDatabase(url, database)) };
}

/** Whoever sends `Bearer ROLE@CLINIC` is a person of that role in that clinic. */
function identityOf(authorization: string | undefined): ApiIdentity {
  const [, role, clinic] = /^Bearer (\w+)@([\w-]+)$/.exec(authorization ?? '') ?? [];
  if (!role || !clinic) throw fhirError('unauthenticated', 'no token', 'Sign in.', 'Authorization');
  const principal = { subject: `Practitioner/${role}`, account: role, clinic: asClinicId(clinic), role: role as Role };
  return { principal, access: ALL_ACCESS, session: 's', scope: 'user/*.cruds' };
}

export interface TestApi {
  readonly server: Server;
  readonly trail: AuditRecord[];
  readonly faults: unknown[];
  readonly close: () => Promise<void>;
}

export async function serveRoutes(routes: readonly Route[], records: RecordStore, more: Partial<ApiOptions> = {}): Promise<TestApi> {
  const trail: AuditRecord[] = [];
  const faults: unknown[] = [];
  const handle = createApiHandler({
    table: createRouteTable(routes),
    identify: async (headers) => identityOf(headers.authorization),
    permits: ({ principal }, rule) => 'own' in rule || principal.role === 'CLINIC_ADMIN' || principal.role === 'SUPER_ADMIN',
    isBreakGlass: () => false,
    crossesClinics: ({ principal }) => principal.role === 'SUPER_ADMIN',
    idempotency: createIdempotency(records, systemClock),
    budget: createBodyBudget(BODY_BUDGET),
    audit: { append: async (record) => `record-${trail.push(record)}` },
    homeClinic: asClinicId('demo'),
    addressOf: createAddressOf([]),
    publicUrl: 'http://nadi.test',
    log: { error: (fields) => void faults.push(fields.err) },
    ...more,
  });
  const server = createServer((request, response) => {
    if (!handle(request, response, 'r-1')) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, trail, faults, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
