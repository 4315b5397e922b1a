/**
 * Which records an exchange leaves. A read's is written while it runs, and corrected before the answer if it failed. A
 * write that succeeded needs none: the version says who, when and why. Where the trail can't be written, nothing is shown.
 */
import type { IncomingMessage } from 'node:http';
import type { AuditLog, AuditRecord } from '../model/audit.ts';
import { asClinicId, type ClinicId } from '../model/ids.ts';
import type { Principal } from '../model/principal.ts';
import { FhirError } from '../outcome/error.ts';
import type { FhirRequest, FhirResponse, NotedEntry } from '../interactions/message.ts';
import { RequestAborted } from './body.ts';
import { ElsewhereError } from './principal.ts';
import { isBundle, isRead, leavesVersion, patientOf, reachOf, targetOfPath, whatOf } from './audited.ts';

export interface Auditor {
  /** For what failed before anyone was identified. Throws `unavailable` in its place where that can't be written. */
  refused(request: Pick<IncomingMessage, 'method'>, about: Refusal, error: unknown): Promise<void>;
  /**
   * Dispatches. `plain` is the request without its body, and `receive` takes it in.
   * Throws what these throw; `unavailable` where the trail can't be written.
   */
  answer(plain: FhirRequest, address: string | undefined, steps: Steps): Promise<FhirResponse>;
}

export interface Steps {
  readonly receive: () => FhirRequest | Promise<FhirRequest>;
  readonly dispatch: (request: FhirRequest) => Promise<FhirResponse>;
}

export interface Refusal {
  readonly requestId: string;
  /** Empty where it isn't known. */
  readonly address: string;
  /** The clinic in the path. */
  readonly clinic: ClinicId | undefined;
  readonly path: readonly string[];
  readonly query: string;
}

interface AuditorDeps {
  readonly log: AuditLog;
}

/** Where records go that belong to no clinic that is known. */
const NO_CLINIC = asClinicId('_platform');

/** Without a log: leaves no records. */
export const NO_AUDIT: Auditor = {
  refused: () => Promise.resolve(),
  answer: async (_plain, _address, { receive, dispatch }) => dispatch(await receive()),
};

export function createAuditor(deps: AuditorDeps): Auditor {
  return {
    async refused(request, { requestId, address, clinic, path, query }, error) {
      const method = request.method as FhirRequest['method'];
      const { target, ...asked } = describe(method, path, query);
      const common = { ...asked, ...outcomeOf(statusOf(error)), requestId, ...(address === '' ? {} : { address }) };
      // What the path names is not a thing of the caller's own clinic.
      if (error instanceof ElsewhereError) await deps.log.append({ ...common, ...whoOf(error.principal), outcome: 'refused' });
      else await deps.log.append({ ...common, clinic: clinic ?? NO_CLINIC, ...(target === undefined ? {} : { target }) });
    },
    async answer(plain, address, steps) {
      if (plain.method === 'GET' || plain.method === 'HEAD') return answerRead(deps, plain, address, steps);
      const request = await failingInto(deps, plain, address, () => steps.receive());
      if (isRead(request.method, request.path)) return answerRead(deps, request, address, steps);
      return isBundle(request) ? answerBundle(deps, request, address, steps) : answerWrite(deps, request, address, steps);
    },
  };
}

async function answerRead({ log }: AuditorDeps, request: FhirRequest, address: string | undefined, { dispatch }: Steps) {
  const record = recordOf(request, address, 200);
  const appended = log.append(record);
  // It is awaited on each way out; until then a failure has a handler.
  appended.catch(nothing);
  const correct = async (status: number): Promise<void> => {
    await log.append({ ...record, ...outcomeOf(status), corrects: await appended });
  };
  let answer: FhirResponse;
  try {
    answer = await dispatch(request);
  } catch (error) {
    await correct(statusOf(error));
    throw error;
  }
  if (answer.status >= 400) await correct(answer.status);
  else await appended;
  return answer;
}

const nothing = (): void => undefined;

async function answerWrite(deps: AuditorDeps, request: FhirRequest, address: string | undefined, { dispatch }: Steps) {
  const answer = await failingInto(deps, request, address, () => dispatch(request));
  if (!leavesVersion(request, answer)) await deps.log.append(recordOf(request, address, answer.status));
  return answer;
}

/** Entries that read, or that failed, have records of their own: who looks for a patient's finds them. */
async function answerBundle(deps: AuditorDeps, request: FhirRequest, address: string | undefined, { dispatch }: Steps) {
  const noted = new Map<number, NotedEntry>();
  const context = { ...request.context, note: (index: number, entry: NotedEntry) => void noted.set(index, entry) };
  const answer = await failingInto(deps, request, address, () => dispatch({ ...request, context }));
  const whole = { ...recordOf(request, address, answer.status), what: whatOf(request.method, [], answer) };
  const entries = [...noted.values()].filter((entry) => entry.status >= 400 || !leavesVersion(entry, entry));
  const records = entries.map(({ status, ...entry }) => recordOf({ ...entry, context }, address, status));
  await Promise.all([whole, ...records].map((record) => deps.log.append(record)));
  return answer;
}

/** Runs `work`; a failure is on record before it is thrown on. */
async function failingInto<T>(
  { log }: AuditorDeps,
  request: FhirRequest,
  address: string | undefined,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RequestAborted)) await log.append(recordOf(request, address, statusOf(error)));
    throw error;
  }
}

type Asked = Pick<FhirRequest, 'method' | 'path' | 'query' | 'context'>;

function recordOf(asked: Asked, address: string | undefined, status: number): AuditRecord {
  const { method, path, query, context } = asked;
  const { role, patient: inContext, emergency } = context.principal;
  const described = describe(method, path, query);
  // Whoever has no role reaches beyond none.
  const reach = role === undefined ? undefined : reachOf(asked, described.what);
  const isBeyond = reach !== undefined && context.access.isBreakGlass(reach.type, reach.action);
  const patient = patientOf(path, query) ?? (inContext === undefined ? undefined : `Patient/${inContext}`);
  return {
    ...described,
    ...(isBeyond ? { category: 'break-glass' } : {}),
    ...outcomeOf(status),
    requestId: context.requestId,
    ...whoOf(context.principal),
    ...(address === undefined ? {} : { address }),
    ...(patient === undefined ? {} : { patient }),
    ...(isBeyond && emergency !== undefined ? { reason: emergency } : {}),
  };
}

const whoOf = ({ clinic, subject, client, account, role }: Principal): Pick<AuditRecord, 'clinic' | 'subject'> & Partial<AuditRecord> => ({
  clinic,
  subject,
  ...(client === undefined ? {} : { client }),
  ...(account === undefined ? {} : { account }),
  ...(role === undefined ? {} : { role }),
});

type Described = Pick<AuditRecord, 'category' | 'what' | 'target' | 'query'>;

function describe(method: FhirRequest['method'], path: readonly string[], query: string): Described {
  const target = targetOfPath(path);
  const what = whatOf(method, path);
  return {
    category: EXPORTS.has(what) ? 'export' : 'rest',
    what,
    ...(target === undefined ? {} : { target }),
    ...(query === '' ? {} : { query }),
  };
}

const EXPORTS: ReadonlySet<string> = new Set(['$everything', '$summary', '$export', '$document']);

const outcomeOf = (status: number): Pick<AuditRecord, 'outcome' | 'status'> => ({
  outcome: status < 400 ? 'success' : status === 401 || status === 403 ? 'refused' : 'failed',
  status,
});

const statusOf = (error: unknown): number => (error instanceof FhirError ? error.status : 500);
