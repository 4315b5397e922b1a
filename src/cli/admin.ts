/** `admin erase`: takes a patient out of the clinic on lawful request. */
import { erasePatient } from '../audit/erase/index.ts';
import { asResourceId, isResourceId } from '../fhir/model/ids.ts';
import { clinicOf } from './clinic.ts';
import { CLINIC_OPTION, CommandError, type CommandArguments, type CommandRun, type CommandServices, type StoreCommand } from './command.ts';

export const adminCommand: StoreCommand = {
  works: 'on the store',
  name: 'admin',
  summary: 'erases a patient on lawful request',
  usage: 'admin erase --patient ID --order WHO --reason TEXT --yes [--clinic ID]',
  actions: ['erase'],
  options: [
    CLINIC_OPTION,
    { name: 'patient', value: 'ID', meaning: 'the id of the Patient' },
    { name: 'order', value: 'WHO', meaning: 'on whose order' },
    { name: 'reason', value: 'TEXT', meaning: 'why; without names, for it stays' },
    { name: 'yes', meaning: 'needed: what is erased cannot be brought back' },
  ],
  run: runErase,
};

async function runErase(services: CommandServices, args: CommandArguments, run: CommandRun): Promise<boolean> {
  const clinic = clinicOf(services, args);
  const [patient, by, reason] = [textOf(args, 'patient'), textOf(args, 'order'), textOf(args, 'reason')];
  if (!isResourceId(patient))
    throw new CommandError(`--patient was ${JSON.stringify(patient)}; it may be 1 to 64 letters, digits, - and .`);
  if (args.options['yes'] !== true) throw new CommandError('what is erased cannot be brought back: say --yes if that is meant');
  const deps = { ...services.deps, ...services, homeClinic: services.defaultClinic };
  const { certificate, document } = await erasePatient(deps, { clinic, patient: asResourceId(patient), by, reason }, run.signal);
  for (const [type, { resources, versions }] of Object.entries(certificate.erased))
    run.emit({ kind: 'line', text: `${type}: ${resources} erased, ${versions} versions` });
  for (const [kind, count] of Object.entries(certificate.records)) run.emit({ kind: 'line', text: `records of ${kind}: ${count} erased` });
  run.emit({
    kind: 'line',
    text: `the audit trail: ${certificate.auditRecords} records, ${certificate.auditEvents} AuditEvents without the patient`,
  });
  for (const name of certificate.referring) run.emit({ kind: 'line', text: `${name} stays, and refers to the patient` });
  run.emit({ kind: 'line', text: `certificate: DocumentReference/${document}, ${certificate.patient}` });
  return true;
}

function textOf(args: CommandArguments, name: string): string {
  const given = args.options[name];
  if (typeof given === 'string' && given.trim() !== '') return given;
  throw new CommandError(`admin erase needs --${name}; npm run cli -- admin --help says more`);
}
