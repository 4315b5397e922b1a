/**
 * The owner-only socket in DATA_DIR: takes a command as JSON, runs it inside the server, answers with its events as
 * NDJSON. Who may open the socket may read the data anyway: it belongs to the same user.
 */
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CommandArguments, CommandEvent, CommandServices, StoreCommand } from './command.ts';
import { runToEnd } from './run.ts';

export interface CommandSocket {
  /** Cuts off commands that run; each can be given again and goes on. */
  close(): Promise<void>;
}

export interface SocketRequest {
  readonly command: string;
  readonly args: CommandArguments;
}

/** Listens at `path`, which is only its owner's from the first moment. What a process that is gone left there is removed. */
export async function openCommandSocket(
  path: string,
  commands: readonly StoreCommand[],
  services: CommandServices,
): Promise<CommandSocket> {
  const running = new Set<{ readonly stop: AbortController; readonly ended: Promise<void> }>();
  const server = createServer((request, response) => {
    const stop = new AbortController();
    response.once('close', () => stop.abort());
    const ended = answer(commands, services, request, response, stop.signal).catch(() => void response.destroy());
    const entry = { stop, ended };
    running.add(entry);
    void ended.finally(() => running.delete(entry));
  });
  server.requestTimeout = 0;
  await listen(server, path);
  return {
    async close() {
      for (const { stop } of running) stop.abort();
      await Promise.all([...running].map((r) => r.ended));
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  const listening = Promise.withResolvers<undefined>();
  server.once('error', listening.reject).once('listening', () => listening.resolve(undefined));
  // The socket is made within this call, so its mode is right from the start.
  const before = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await listening.promise;
}

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

async function answer(
  commands: readonly StoreCommand[],
  services: CommandServices,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { command: name, args } = JSON.parse(await textOf(request)) as SocketRequest;
  // Whoever doesn't keep up misses how far it was, not what came of it.
  const emit = (event: CommandEvent): void => {
    if (event.kind !== 'progress' || !response.writableNeedDrain) response.write(`${JSON.stringify(event)}\n`);
  };
  const command = commands.find((c) => c.name === name);
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  if (command) await runToEnd(() => command.run(services, args, { emit, signal }), emit);
  else emit({ kind: 'end', ok: false, error: `the running server doesn't know the command ${name}: it is of another version` });
  response.end();
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
