/** The FHIRPath engine in a thread of its own: it takes long to load, and what it evaluates can be stopped. */
import { parentPort } from 'node:worker_threads';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import type { PathAnswer, PathQuestion } from './path-locator.ts';
import type { Step } from './places.ts';

interface Node {
  readonly parentResNode?: Node | null;
  readonly propName?: string | null;
  readonly index?: number | null;
}

function answer({ resource, path }: PathQuestion): PathAnswer {
  try {
    const data = JSON.parse(resource) as unknown;
    const nodes = fhirpath.evaluate(data, path, { resource: data }, r4, { resolveInternalTypes: false, async: false }) as unknown[];
    return { steps: nodes.map(stepsTo) };
  } catch (error) {
    return { problem: (error as Error).message.slice(0, 200) };
  }
}

/** Undefined for what is no element but a computed value. */
function stepsTo(result: unknown): Step[] | undefined {
  if (typeof result !== 'object' || result === null || !('parentResNode' in result)) return undefined;
  const steps: Step[] = [];
  for (let at: Node | null | undefined = result as Node; at?.parentResNode; at = at.parentResNode)
    steps.unshift([at.propName ?? '', at.index ?? null]);
  return steps;
}

parentPort?.on('message', (question: PathQuestion) => parentPort?.postMessage(answer(question)));
parentPort?.postMessage('ready');
