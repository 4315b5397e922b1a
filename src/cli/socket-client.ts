/** Finds the server that works in a data directory and has it run a command. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { CommandArguments, CommandEvent, CommandRun } from './command.ts';
import type { SocketRequest } from './socket-server.ts';

/** False if no server answers at `path`; otherwise all events of the command have been emitted. */
export async function runRemotely(path: string, command: string, args: CommandArguments, { emit, signal }: CommandRun): Promise<boolean> {
  const response = await ask(path, { command, args });
  if (!response) return false;
  signal.addEventListener('abort', () => response.destroy());
  let hasEnded = false;
  try {
    for await (const line of createInterface({ input: response })) {
      const event = JSON.parse(line) as CommandEvent;
      hasEnded ||= event.kind === 'end';
      emit(event);
    }
  } catch {
    // The connection broke: said below, like an answer that simply stops.
  }
  if (!hasEnded)
    emit({
      kind: 'end',
      ok: false,
      error: `${signal.aborted ? 'interrupted' : 'the server went away'}: the same command again goes on where it was`,
    });
  return true;
}

const NOBODY = new Set(['ENOENT', 'ECONNREFUSED']);

function ask(path: string, body: SocketRequest): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath: path, method: 'POST', path: '/' }, resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (NOBODY.has(error.code ?? '')) resolve(undefined);
      else reject(error);
    });
    request.end(JSON.stringify(body));
  });
}
