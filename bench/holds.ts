/** Whether large requests let others through. */
import { LARGE } from './large.ts';

/** What `loop-watch.ts` answers. */
interface Held {
  readonly longestMs: number;
  /** In processor time of the server's main thread: what others on the machine do counts for nothing. */
  readonly longestOwnMs: number;
}

export interface LargeHold extends Held {
  readonly name: string;
}

const JSON_TYPE = { 'content-type': 'application/fhir+json' };
const PATCH_TYPE = { 'content-type': 'application/json-patch+json', prefer: 'return=minimal' };
const VIEWS = ['_elements=id', '_summary=true', '_pretty=true', '_format=xml'];

/** What the watch saw since it was last asked. */
const lookAt = (watch: string) => async (): Promise<Held> => (await (await fetch(watch)).json()) as Held;

/** How long the event loop was held by each request about a resource near the limit. `watch` is the address of the watch. */
export async function largeHolds(base: string, watch: string): Promise<LargeHold[]> {
  const look = lookAt(watch);
  const holds: LargeHold[] = [];
  for (const [type, make] of Object.entries(LARGE)) {
    const resource = { ...make(), id: 'big' };
    const text = JSON.stringify(resource);
    const ask = async (name: string, path: string, init: RequestInit): Promise<void> => {
      await look();
      await (await fetch(`${base}/fhir/R4${path}`, init)).arrayBuffer();
      holds.push({ name: `${type} ${name}`, ...(await look()) });
    };
    await ask('create', `/${type}`, { method: 'POST', headers: JSON_TYPE, body: text });
    await ask('update', `/${type}/big`, { method: 'PUT', headers: JSON_TYPE, body: text });
    for (const view of VIEWS) await ask(view, `/${type}/big?${view}`, {});
    const patch = JSON.stringify([{ op: 'add', path: '/language', value: 'en' }]);
    await ask('patch', `/${type}/big`, { method: 'PATCH', headers: PATCH_TYPE, body: patch });
    const entry = [{ resource, request: { method: 'PUT', url: `${type}/big` } }];
    for (const kind of ['batch', 'transaction'])
      await ask(kind, '', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ resourceType: 'Bundle', type: kind, entry }) });
  }
  return holds;
}

/** How long a transaction of that many entries holds the event loop, and the longest that a small request waited meanwhile. */
export async function longestHold(base: string, watch: string, entries: number): Promise<Held & { readonly waitedMs: number }> {
  const entry = Array.from({ length: entries }, (_, i) => ({
    resource: { resourceType: 'Observation', id: `h${i}`, status: 'final', code: { text: `value ${i}` }, valueString: 'x'.repeat(200) },
    request: { method: 'PUT', url: `Observation/h${i}` },
  }));
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  const look = lookAt(watch);
  await look();
  const big = fetch(`${base}/fhir/R4`, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body });
  let done = false;
  const finished = big.then(async (response) => {
    await response.arrayBuffer();
    done = true;
    if (!response.ok) throw new Error(`the transaction failed with ${response.status}`);
  });
  let longest = 0;
  while (!done) {
    const started = performance.now();
    await (await fetch(`${base}/healthz`)).arrayBuffer();
    longest = Math.max(longest, performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await finished;
  return { ...(await look()), waitedMs: longest };
}
