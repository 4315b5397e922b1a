import { asClinicId, isClinicId, type ClinicId } from '../fhir/model/ids.ts';
import { CommandError, type CommandArguments, type CommandServices } from './command.ts';

/** The clinic that `--clinic` names, or the default one. Throws CommandError for what is no id. */
export function clinicOf(services: CommandServices, args: CommandArguments): ClinicId {
  const given = args.options['clinic'];
  if (typeof given !== 'string') return services.defaultClinic;
  if (!isClinicId(given)) throw new CommandError(`--clinic was ${JSON.stringify(given)}; it may be 1 to 64 letters, digits, - and .`);
  return asClinicId(given);
}
