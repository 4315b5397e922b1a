/** The person's decision on what an app asked for. */
import type { ApiAnswer } from '../../../api/route.ts';
import { isResourceId } from '../../../fhir/model/ids.ts';
import type { Consent, Decision, Transaction } from '../../oauth/authorize/transactions.ts';
import type { PageDeps } from '../deps.ts';
import { onTo, pageAnswer } from '../page.ts';
import { PATHS } from '../paths.ts';
import { aboutConsent, consentPage, SCOPE_FIELD, type ConsentView } from '../views/consent.ts';
import { leavePage } from '../views/leave.ts';
import { pathOf } from '../views/parts.ts';
import type { Visit } from '../visit.ts';
import type { Fields } from './fields.ts';
import { troubleAnswer } from './guarded.ts';

export interface Asked {
  readonly tx: string;
  readonly transaction: Transaction;
  readonly consent: Consent;
}

/** What is to be decided, by whom; or the answer where nothing is, or nobody is signed in. */
export async function askedIn(deps: PageDeps, visit: Visit, tx = ''): Promise<Asked | { readonly answer: ApiAnswer }> {
  const transaction = await deps.transactions.transactionOf(tx, visit.cookieHeader);
  if (!transaction) return { answer: troubleAnswer(visit, 'ended', 410) };
  const { consent } = transaction;
  if (consent) return { tx, transaction, consent };
  return { answer: onTo(visit, visit.publicUrl + pathOf(PATHS.login, { tx, ui_locales: visit.language })) };
}

export const auditOf = ({ transaction, consent: { member } }: Asked): NonNullable<ApiAnswer['audit']> => ({
  clinic: transaction.clinic,
  client: transaction.app.clientId,
  account: member.account,
  subject: member.fhirUser,
  role: member.role,
});

/** The patient as the audit trail names them; nothing for what can be no id. */
export const patientAudit = (id: string | undefined): { readonly patient?: string } =>
  id !== undefined && isResourceId(id) ? { patient: `Patient/${id}` } : {};

/** `picked`: the patient whom the person has chosen, where they may. */
export async function showConsent(deps: PageDeps, visit: Visit, tx: string | undefined, picked: string | undefined): Promise<ApiAnswer> {
  const asked = await askedIn(deps, visit, tx);
  if ('answer' in asked) return asked.answer;
  return answerConsent(deps, visit, asked, { picked });
}

interface Showing {
  readonly picked: string | undefined;
  readonly unticked?: ReadonlySet<string>;
  readonly error?: string;
}

async function answerConsent(deps: PageDeps, visit: Visit, asked: Asked, { picked, ...more }: Showing): Promise<ApiAnswer> {
  const { tx, transaction, consent } = asked;
  const { member } = consent;
  const [person, clinic, patient] = await Promise.all([
    deps.names.person(member.account),
    deps.names.clinic(transaction.clinic),
    patientOf(deps, consent, picked),
  ]);
  if (patient === 'to-be-picked') return onTo(visit, visit.publicUrl + pathOf(PATHS.patient, { tx, ui_locales: visit.language }));
  const view: ConsentView = {
    tx,
    app: transaction.app.name,
    clinic,
    returnsTo: transaction.returnsTo,
    account: member.account,
    person: person ?? { name: '', email: '' },
    lines: consent.scopes.map(deps.lineOf),
    isOwn: member.role === 'PATIENT',
    ...(patient ? { patient } : {}),
    ...more,
  };
  const audit = { ...auditOf(asked), ...patientAudit(patient?.id) };
  return pageAnswer(visit, consentPage(visit, view), { status: more.error === undefined ? 200 : 400, audit });
}

type Patient = NonNullable<ConsentView['patient']>;

/** The one that is fixed, or the one picked, if the person may see them. */
async function patientOf(deps: PageDeps, consent: Consent, picked: string | undefined): Promise<Patient | 'to-be-picked' | undefined> {
  const { member, patient: fixed, needsPatient } = consent;
  if (fixed === undefined && !needsPatient) return undefined;
  const id = fixed ?? picked;
  const found = id === undefined ? undefined : await deps.patients.get(member, id);
  if (fixed !== undefined) return { id: fixed, name: found?.name, isPicked: false };
  return found ? { id: found.id, name: found.name, isPicked: true } : 'to-be-picked';
}

export async function takeDecision(deps: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const asked = await askedIn(deps, visit, fields['tx']);
  if ('answer' in asked) return asked.answer;
  const { tx, consent } = asked;
  if (!visit.isOwnForm(aboutConsent(tx, consent.member.account), fields['token'] ?? '')) {
    return troubleAnswer(visit, 'stale', 403, auditOf(asked));
  }
  // Whatever isn't a clear yes is a no.
  if (fields['decision'] !== 'allow') return decided(deps, visit, asked, undefined);
  const scopes = consent.scopes.filter((s) => fields[SCOPE_FIELD + s] === 'on');
  const picked = fields['patient'];
  const unticked = new Set(consent.scopes.filter((s) => !scopes.includes(s)));
  if (scopes.length === 0) return answerConsent(deps, visit, asked, { picked, unticked, error: visit.say('consent.nothing') });
  return decided(deps, visit, asked, { scopes, ...(picked === undefined ? {} : { patient: picked }) });
}

/** Hands the decision over, and leads back to the app. */
export async function decided(deps: PageDeps, visit: Visit, asked: Asked, decision: Decision | undefined): Promise<ApiAnswer> {
  const { tx, transaction, consent } = asked;
  const outcome = await deps.transactions.decide(tx, visit.cookieHeader, decision);
  if (outcome.ok) {
    const { app, returnsTo } = transaction;
    const page = leavePage(visit, { app: app.name, returnsTo, location: outcome.location, isAllowed: decision !== undefined });
    const patient = decision && (consent.patient ?? decision.patient);
    const audit = { ...auditOf(asked), ...patientAudit(patient), reason: decision ? 'allowed' : 'denied' };
    return pageAnswer(visit, page, { audit });
  }
  if (outcome.reason === 'ended' || outcome.reason === 'not-signed-in') return troubleAnswer(visit, 'ended', 410, auditOf(asked));
  const error = visit.say(outcome.reason === 'patient-needed' ? 'consent.needs-patient' : 'patient.not-seen');
  return answerConsent(deps, visit, asked, { picked: decision?.patient, error });
}
