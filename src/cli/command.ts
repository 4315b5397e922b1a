/** What a command of the command line is: the same whether it runs in its own process or inside a running server. */
import type { Audit } from '../audit/index.ts';
import type { FhirDeps } from '../fhir/interactions/deps.ts';
import type { Dispatch } from '../fhir/interactions/router.ts';
import type { ClinicId } from '../fhir/model/ids.ts';
import type { PersonRecords } from '../fhir/model/person-records.ts';
import type { RecordStore } from '../records/port.ts';

/** What a command works with. */
export interface CommandServices {
  readonly deps: FhirDeps;
  readonly dispatch: Dispatch;
  readonly records: RecordStore;
  readonly audit: Audit;
  /** What is kept of people beside resources. */
  readonly people: PersonRecords;
  /** Makes new signing keys; resolves to their ids. */
  readonly rotateSigningKeys: () => Promise<readonly string[]>;
  /** Where nothing else is said. */
  readonly defaultClinic: ClinicId;
  /** The FHIR base of this server. */
  readonly baseUrl: string;
}

/** As given, files as absolute paths: it may be sent to another process. */
export interface CommandArguments {
  /** One of the command's actions, where it has some. */
  readonly action?: string;
  readonly files: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

export type CommandEvent =
  /** A line of the report. */
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly note: string }
  /** The last one. `ok` is false where something was refused, or where `error` says why it couldn't be done. */
  | { readonly kind: 'end'; readonly ok: boolean; readonly error?: string };

export interface CommandRun {
  readonly emit: (event: CommandEvent) => void;
  /** Aborted when whoever asked went away, or the server ends. */
  readonly signal: AbortSignal;
}

interface CommandForm {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: readonly CommandOption[];
  /** How many files it takes, at least; undefined for none at all. */
  readonly minFiles?: number;
  /** The word that must follow the name is one of these. */
  readonly actions?: readonly string[];
}

/** Works on the store: inside the running server, where there is one. */
export interface StoreCommand extends CommandForm {
  readonly works: 'on the store';
  /** Resolves to whether all went well. Throws CommandError for what the caller can mend. */
  run(services: CommandServices, args: CommandArguments, run: CommandRun): Promise<boolean>;
}

/** Works on files alone, in its own process. */
export interface FileCommand extends CommandForm {
  readonly works: 'on files';
  run(services: Pick<FhirDeps, 'validator' | 'limits'>, args: CommandArguments, run: CommandRun): Promise<boolean>;
}

export type Command = StoreCommand | FileCommand;

export interface CommandOption {
  readonly name: string;
  /** What stands for its value in the help; absent for a switch. */
  readonly value?: string;
  readonly meaning: string;
  readonly default?: string;
  /** The value is a path: made absolute before it is sent to a server. */
  readonly isPath?: true;
}

/** Something the caller can mend; its message is shown as it is. */
export class CommandError extends Error {}

export const CLINIC_OPTION: CommandOption = { name: 'clinic', value: 'ID', meaning: 'the clinic; BOOTSTRAP_CLINIC unless given' };
