/** The program of the thread for large texts: one task after another. What it needs is made when the thread starts. */
import { parentPort } from 'node:worker_threads';
import { FhirError } from '../outcome/error.ts';
import { loadDefinitions } from '../model/definitions.ts';
import { createPathLocator } from '../patch/path-locator.ts';
import { createRegistry } from '../search/registry.ts';
import { createExtractor } from '../search/values/index.ts';
import { createUnits } from '../search/values/normalise/index.ts';
import { createValidator } from '../validation/index.ts';
import { TASKS } from './tasks.ts';
import type { WorkTools } from './tools.ts';
import { detached, type WorkReply, type WorkRequest } from './work.ts';

function createTools(): WorkTools {
  const definitions = loadDefinitions();
  const extractor = createExtractor({ definitions, registry: createRegistry(definitions), units: createUnits() });
  return { definitions, extractor, validator: createValidator({ definitions }), locator: createPathLocator() };
}

async function replyTo(tools: WorkTools, { id, name, input }: WorkRequest): Promise<WorkReply> {
  const task: { run(tools: WorkTools, input: never): unknown; toWire?(output: never): unknown } = TASKS[name];
  try {
    const output = await task.run(tools, input as never);
    return { id, output: task.toWire ? task.toWire(output as never) : output };
  } catch (error) {
    if (!(error instanceof FhirError)) return { id, message: String((error as Error).stack) };
    const { issues, headers, retryAfter } = error;
    return { id, error: { issues, headers, retryAfter } };
  }
}

function serve(tools: WorkTools): void {
  let last: Promise<unknown> = Promise.resolve();
  parentPort?.on('message', (request: WorkRequest) => {
    last = last.then(async () => {
      const { copy, moved } = detached(await replyTo(tools, request));
      parentPort?.postMessage(copy, moved);
    });
  });
}

serve(createTools());
