/** The program of a SQLite thread: has one connection, and runs methods of modules on it, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { openConnection, type SqliteConnection } from './connection.ts';
import type { ThreadData, ThreadReply, ThreadRequest } from './protocol.ts';

/** What a module exports for a thread. */
export interface ThreadModule {
  open(connection: SqliteConnection): ThreadMethods;
}
export type ThreadMethods = Readonly<Record<string, (args: never) => unknown>>;

function serve(connection: SqliteConnection): void {
  const modules = new Map<string, ThreadMethods>();
  const run = async (request: ThreadRequest): Promise<void> => {
    if (request.method === 'close') connection.close();
    const reply = await answer(request, modules, connection);
    parentPort?.postMessage(reply, transferable(reply));
    if (request.method === 'close') parentPort?.close();
  };
  let last = Promise.resolve();
  parentPort?.on('message', (request: ThreadRequest) => {
    last = last.then(() => run(request));
  });
}

async function answer(request: ThreadRequest, modules: Map<string, ThreadMethods>, connection: SqliteConnection): Promise<ThreadReply> {
  const { id, module, method, args } = request;
  try {
    if (module === '') return { id, ok: true, value: undefined };
    const known = modules.get(module);
    const methods = known ?? ((await import(module)) as ThreadModule).open(connection);
    if (!known) modules.set(module, methods);
    return { id, ok: true, value: methods[method]?.(args as never) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, ok: false, message, detail: { ...(error as object), cause: undefined } };
  }
}

/** Rows with texts are moved, not copied. */
function transferable(reply: ThreadReply): ArrayBuffer[] {
  const rows = reply.ok ? (reply.value as { buffers?: ArrayBuffer[] } | undefined)?.buffers : undefined;
  return rows ?? [];
}

const { file, ...options } = workerData as ThreadData;
serve(openConnection(file, options));
