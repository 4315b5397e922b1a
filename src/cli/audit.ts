/** `audit verify`: walks the chains of the audit trail and says whether they are whole. */
import { verifyClinic, type Broken, type Days, type Verified } from '../audit/log/verify.ts';
import { clinicOf } from './clinic.ts';
import { CLINIC_OPTION, CommandError, type CommandArguments, type CommandRun, type CommandServices, type StoreCommand } from './command.ts';

export const auditCommand: StoreCommand = {
  works: 'on the store',
  name: 'audit',
  summary: 'verifies that the audit trail is whole',
  usage: 'audit verify [--clinic ID] [--from DAY] [--to DAY]',
  actions: ['verify'],
  options: [
    { ...CLINIC_OPTION, meaning: 'only this clinic; all of them unless given' },
    { name: 'from', value: 'DAY', meaning: 'only chains of this day (UTC, 2026-01-31) or later' },
    { name: 'to', value: 'DAY', meaning: 'only chains of this day or earlier' },
  ],
  run: runVerify,
};

/** False where a chain is broken. */
async function runVerify(services: CommandServices, args: CommandArguments, run: CommandRun): Promise<boolean> {
  const days = { ...dayOf(args, 'from'), ...dayOf(args, 'to') };
  const clinics = args.options['clinic'] === undefined ? await services.audit.journal.clinics() : [clinicOf(services, args)];
  let isWhole = true;
  for (const clinic of clinics) {
    run.signal.throwIfAborted();
    const found = await verifyClinic(services.audit, clinic, days);
    if ('what' in found) isWhole = false;
    run.emit({ kind: 'line', text: `${clinic}: ${'what' in found ? brokenLine(found) : wholeLine(found)}` });
  }
  return isWhole;
}

const brokenLine = ({ place, what }: Broken): string => `BROKEN at ${place}: ${what}`;
const wholeLine = ({ chains, blocks, records, erased }: Verified): string =>
  `OK, ${records} records in ${blocks} blocks of ${chains} chains${erased === 0 ? '' : `, personal fields of ${erased} erased on request`}`;

function dayOf(args: CommandArguments, name: 'from' | 'to'): Days {
  const day = args.options[name];
  if (day === undefined) return {};
  if (typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day)) return { [name]: day };
  throw new CommandError(`--${name} was ${JSON.stringify(day)}; it may be a day such as 2026-01-31`);
}
