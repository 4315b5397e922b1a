/** The official examples of the specification: each is stored under its id and comes back equal, or is refused for a known reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { difference, isRecord, readTree, withoutServerParts } from './compare.ts';

export interface ExamplesMark {
  readonly tried: number;
  readonly equal: number;
  /** File names with the status and first rule. */
  readonly refused: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

export async function checkExamples(fhirBase: string, folder: string, most = Infinity): Promise<ExamplesMark> {
  const files = readdirSync(folder)
    .filter((f) => f.endsWith('.json'))
    .sort()
    .slice(0, most);
  const refused: Record<string, string> = {};
  const problems: string[] = [];
  let equal = 0;
  for (const file of files) {
    const outcome = await checkExample(fhirBase, readFileSync(join(folder, file), 'utf8'));
    if (outcome === 'equal') equal++;
    else if ('refused' in outcome) refused[file] = outcome.refused;
    else problems.push(`${file}: ${outcome.problem}`);
  }
  return { tried: files.length, equal, refused, problems };
}

async function checkExample(fhirBase: string, text: string): Promise<'equal' | { refused: string } | { problem: string }> {
  const sent = readTree(text);
  if (!isRecord(sent)) return { problem: 'not an object' };
  const type = `${fhirBase}/${String(sent['resourceType'])}`;
  const hasId = sent['id'] !== undefined;
  const response = await fetch(hasId ? `${type}/${String(sent['id'])}` : type, {
    method: hasId ? 'PUT' : 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: text,
  });
  const answer = await response.text();
  if (response.status >= 500) return { problem: `${response.status} ${answer.slice(0, 300)}` };
  if (response.status >= 400) return { refused: firstRule(response.status, answer) };
  const received = readTree(await (await fetch(response.headers.get('location') ?? '')).text());
  const found = difference(withoutServerParts(sent), withoutServerParts(received));
  return found === undefined ? 'equal' : { problem: `differs at ${found}` };
}

function firstRule(status: number, answer: string): string {
  const outcome = JSON.parse(answer) as { issue?: { diagnostics?: string; expression?: string[] }[] };
  const first = outcome.issue?.[0];
  return `${status} ${first?.expression?.[0] ?? ''}: ${first?.diagnostics ?? ''}`;
}
