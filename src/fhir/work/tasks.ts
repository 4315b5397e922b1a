/** The work on texts of resources, by name. Each is a function of what it is given, the same in each thread. */
import { packInParts } from '../search/packed.ts';
import { patch, type PatchOrder } from './patch.ts';
import { prepare } from './prepare.ts';
import { carriedPatch, entriesFor, extract, findLinks, fromXml, identify, indent, references, replaceLinks, show, toXml } from './texts.ts';
import { sizeOf, type Source, type WorkTools } from './tools.ts';

interface Task {
  /** Bytes to be read. */
  size(input: never): number;
  run(tools: WorkTools, input: never): unknown;
  /** What goes to another thread, where that isn't the output itself. */
  toWire?(output: never): unknown;
}

const ofSource = ({ source }: { readonly source: Source }): number => sizeOf(source);
const withPackedEntries = <T extends { readonly entries: unknown }>(prepared: T): T => ({
  ...prepared,
  entries: packed(prepared.entries as Parameters<typeof packInParts>[0]),
});
const packed = packInParts;

export const TASKS = {
  prepare: { size: ofSource, run: prepare, toWire: withPackedEntries },
  patch: { size: ({ current, patch: body }: PatchOrder) => current.length + body.length, run: patch, toWire: withPackedEntries },
  extract: { size: ofSource, run: extract, toWire: packed },
  entriesFor: { size: ({ body }: { readonly body: Uint8Array }) => body.length, run: entriesFor },
  identify: { size: ofSource, run: identify },
  carriedPatch: { size: ofSource, run: carriedPatch },
  findLinks: { size: ofSource, run: findLinks },
  replaceLinks: { size: ofSource, run: replaceLinks },
  references: { size: ({ body }: { readonly body: Uint8Array }) => body.length, run: references },
  show: { size: ({ body }: { readonly body: Uint8Array }) => body.length, run: show },
  indent: { size: ({ json }: { readonly json: Uint8Array }) => json.length, run: indent },
  toXml: { size: ({ json }: { readonly json: Uint8Array }) => json.length, run: toXml },
  fromXml: { size: ({ xml }: { readonly xml: Uint8Array }) => xml.length, run: fromXml },
} as const satisfies Readonly<Record<string, Task>>;

export type Tasks = typeof TASKS;
export type TaskName = keyof Tasks;
export type Input<Name extends TaskName> = Parameters<Tasks[Name]['run']>[1];
export type Output<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]['run']>>;
