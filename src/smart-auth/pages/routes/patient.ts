/** The choice of the patient whom the app is opened for. */
import type { ApiAnswer } from '../../../api/route.ts';
import type { PageDeps } from '../deps.ts';
import { onTo, pageAnswer } from '../page.ts';
import { PATHS } from '../paths.ts';
import { pathOf } from '../views/parts.ts';
import { aboutPatient, patientPage, type PatientView } from '../views/patient.ts';
import type { Visit } from '../visit.ts';
import { askedIn, auditOf, decided, patientAudit, type Asked } from './decide.ts';
import type { Fields } from './fields.ts';
import { troubleAnswer } from './guarded.ts';

export async function showPatients(deps: PageDeps, visit: Visit, tx: string | undefined): Promise<ApiAnswer> {
  const asked = await askedIn(deps, visit, tx);
  if ('answer' in asked) return asked.answer;
  if (!asked.consent.needsPatient) return toConsent(visit, asked);
  return pageAnswer(visit, patientPage(visit, viewOf(asked)), { audit: auditOf(asked) });
}

const viewOf = ({ tx, transaction, consent }: Asked): PatientView => ({
  tx,
  account: consent.member.account,
  app: transaction.app.name,
});

const toConsent = (visit: Visit, { tx }: Asked, patient?: string): ApiAnswer =>
  onTo(visit, visit.publicUrl + pathOf(PATHS.consent, { tx, patient, ui_locales: visit.language }));

export async function takePatient(deps: PageDeps, visit: Visit, fields: Fields): Promise<ApiAnswer> {
  const asked = await askedIn(deps, visit, fields['tx']);
  if ('answer' in asked) return asked.answer;
  const { tx, consent } = asked;
  if (!visit.isOwnForm(aboutPatient(tx, consent.member.account), fields['token'] ?? '')) {
    return troubleAnswer(visit, 'stale', 403, auditOf(asked));
  }
  if (fields['decision'] === 'deny') return decided(deps, visit, asked, undefined);
  if (!consent.needsPatient) return toConsent(visit, asked);
  return fields['pick'] === undefined ? search(deps, visit, asked, fields) : pick(deps, visit, asked, fields['pick']);
}

async function pick(deps: PageDeps, visit: Visit, asked: Asked, id: string): Promise<ApiAnswer> {
  const found = await deps.patients.get(asked.consent.member, id);
  if (found) return toConsent(visit, asked, found.id);
  const view = { ...viewOf(asked), error: visit.say('patient.not-seen') };
  return pageAnswer(visit, patientPage(visit, view), { status: 403, audit: { ...auditOf(asked), ...patientAudit(id), reason: 'refused' } });
}

const DATE = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;

async function search(deps: PageDeps, visit: Visit, asked: Asked, fields: Fields): Promise<ApiAnswer> {
  const [name, birthDate] = [fields['name']?.trim() ?? '', fields['birthDate']?.trim() ?? ''];
  const view = { ...viewOf(asked), name, birthDate };
  const again = (more: Partial<PatientView>): ApiAnswer =>
    pageAnswer(visit, patientPage(visit, { ...view, ...more }), { status: 400, audit: { ...auditOf(asked), reason: 'refused' } });
  if (name === '' && birthDate === '') return again({ nameError: visit.say('patient.give-one') });
  if (birthDate !== '' && !DATE.test(birthDate)) return again({ dateError: visit.say('patient.wrong-date') });
  const query = { name: name === '' ? undefined : name, birthDate: birthDate === '' ? undefined : birthDate, after: fields['after'] };
  const found = await deps.patients.find(asked.consent.member, query);
  return pageAnswer(visit, patientPage(visit, { ...view, found }), { audit: { ...auditOf(asked), target: 'Patient' } });
}
