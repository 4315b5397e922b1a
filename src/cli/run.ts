/** Runs a command until its last event. */
import { FhirError } from '../fhir/outcome/error.ts';
import { CommandError, type CommandEvent } from './command.ts';

/** Emits `end` whatever happens. Only what the caller can mend is told in full. */
export async function runToEnd(work: () => Promise<boolean>, emit: (event: CommandEvent) => void): Promise<void> {
  try {
    emit({ kind: 'end', ok: await work() });
  } catch (error) {
    emit({ kind: 'end', ok: false, error: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError || error instanceof FhirError) return error.message;
  if (error instanceof Error && error.name === 'AbortError') return 'interrupted: the same command again goes on where it was';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
