/** Commands on a store of their own, in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandArguments, CommandEvent, CommandServices, StoreCommand } from '../../src/cli/command.ts';
import { runToEnd } from '../../src/cli/run.ts';
import { openServices, type Services } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { ALL_ACCESS } from '../../src/fhir/model/principal.ts';

export interface Ran {
  readonly ok: boolean;
  readonly error?: string;
  readonly lines: readonly string[];
}

export interface Workbench {
  readonly folder: string;
  readonly services: CommandServices;
  /** Writes a file and returns its path; what isn't text is written as JSON. */
  file(name: string, content: unknown): string;
  run(command: StoreCommand, args?: Partial<CommandArguments>, signal?: AbortSignal): Promise<Ran>;
  /** How many live resources a search finds. */
  count(search: string, clinic?: string): Promise<number>;
  close(): Promise<void>;
}

const BASE_URL = 'http://nadi.test/fhir/R4';

export async function openWorkbench(): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'nadi-'));
  const opened: Services = await openServices(loadConfig({ DATA_DIR: folder }));
  const services: CommandServices = { ...opened, baseUrl: BASE_URL };
  return {
    folder,
    services,
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    run: async (command, args, signal = new AbortController().signal) => {
      const events = await eventsOf((emit) => command.run(services, { files: [], options: {}, ...args }, { emit, signal }));
      return ranOf(events);
    },
    count: async (search, clinic = 'demo') => {
      const [path = '', query = ''] = search.split('?');
      const response = await services.dispatch({
        method: 'GET',
        path: [path],
        query: `${query}&_summary=count`,
        headers: {},
        context: contextOf(services, clinic),
      });
      return (JSON.parse(Buffer.concat([...(response.body ?? [])]).toString()) as { total: number }).total;
    },
    close: async () => {
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const contextOf = (services: CommandServices, clinic: string): Parameters<CommandServices['dispatch']>[0]['context'] => ({
  principal: { subject: 'Device/test', clinic: clinic as CommandServices['defaultClinic'] },
  access: ALL_ACCESS,
  requestId: 'test',
  baseUrl: BASE_URL,
  deadline: services.deps.clock.now() + 10_000,
});

async function eventsOf(work: (emit: (event: CommandEvent) => void) => Promise<boolean>): Promise<CommandEvent[]> {
  const events: CommandEvent[] = [];
  const emit = (event: CommandEvent): void => void events.push(event);
  await runToEnd(() => work(emit), emit);
  return events;
}

export function ranOf(events: readonly CommandEvent[]): Ran {
  const end = events.at(-1);
  if (end?.kind !== 'end') throw new Error('a command has to say that it ended');
  return {
    ok: end.ok,
    ...(end.error === undefined ? {} : { error: end.error }),
    lines: events.flatMap((e) => (e.kind === 'line' ? [e.text] : [])),
  };
}

export const patient = (id: string | undefined, family: string): Record<string, unknown> => ({
  resourceType: 'Patient',
  ...(id === undefined ? {} : { id }),
  identifier: [{ system: 'urn:test', value: family }],
  name: [{ family }],
});
