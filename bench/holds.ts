/** Whether large requests let others through. */

/** The longest that a small request waited, milliseconds, while a transaction of that many entries was served. */
export async function longestHold(base: string, entries: number): Promise<number> {
  const entry = Array.from({ length: entries }, (_, i) => ({
    resource: { resourceType: 'Observation', id: `h${i}`, status: 'final', code: { text: `value ${i}` }, valueString: 'x'.repeat(200) },
    request: { method: 'PUT', url: `Observation/h${i}` },
  }));
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
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
  return longest;
}
