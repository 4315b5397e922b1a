/** Real-looking patients go in as transaction bundles and come back as they were sent. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { difference, isRecord, readTree, replaceStrings, withoutServerParts, type Tree } from './compare.ts';

export interface SyntheaMark {
  readonly bundles: number;
  readonly resources: number;
  readonly equal: number;
  readonly problems: readonly string[];
}

type Entry = { fullUrl: string; resource: Tree };
interface Sent {
  readonly entries: readonly Entry[];
  readonly locations: readonly string[];
}

/** Hospitals and practitioners first: the patients' bundles refer to them by identifier. */
export function syntheaFiles(folder: string, most = Infinity): string[] {
  const all = readdirSync(folder).filter((f) => f.endsWith('.json'));
  const first = all.filter((f) => /^(hospital|practitioner)Information/.test(f));
  return [...first.sort(), ...all.filter((f) => !first.includes(f)).sort()].slice(0, most).map((f) => join(folder, f));
}

/** Posts each file, then reads every resource back and compares. */
export async function checkSynthea(fhirBase: string, files: readonly string[]): Promise<SyntheaMark> {
  const problems: string[] = [];
  const sent: Sent[] = [];
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const response = await fetch(fhirBase, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: text });
    const answer = readTree(await response.text());
    if (response.status !== 200) problems.push(`${file}: ${response.status} ${JSON.stringify(answer).slice(0, 400)}`);
    else sent.push({ entries: entriesOf(readTree(text)), locations: locationsOf(answer) });
  }
  const checks = await checkEqual(fhirBase, sent);
  problems.push(...checks.problems, ...(await checkCounts(fhirBase, sent)));
  return { bundles: sent.length, resources: sent.reduce((n, s) => n + s.entries.length, 0), equal: checks.equal, problems };
}

const arrayOf = (tree: Tree | undefined): { [key: string]: Tree }[] => (Array.isArray(tree) ? tree.filter(isRecord) : []);

function entriesOf(bundle: Tree): Entry[] {
  return arrayOf(isRecord(bundle) ? bundle['entry'] : undefined).map((e) => ({
    fullUrl: String(e['fullUrl']),
    resource: e['resource'] as Tree,
  }));
}

/** `Type/id` of each entry of a transaction-response. */
function locationsOf(answer: Tree): string[] {
  return arrayOf(isRecord(answer) ? answer['entry'] : undefined).map((e) => {
    const location = isRecord(e['response']) ? String(e['response']['location']) : '';
    return location
      .replace(/\/_history\/.*$/, '')
      .split('/')
      .slice(-2)
      .join('/');
  });
}

async function checkEqual(fhirBase: string, all: readonly Sent[]): Promise<{ equal: number; problems: string[] }> {
  const problems: string[] = [];
  let equal = 0;
  const byIdentifier = identifiersOf(all);
  for (const { entries, locations } of all) {
    const map = new Map([...byIdentifier, ...entries.map((e, i) => [e.fullUrl, locations[i] as string] as const)]);
    for (const [i, entry] of entries.entries()) {
      const response = await fetch(`${fhirBase}/${locations[i]}`);
      const found = difference(expected(entry.resource, map), withoutServerParts(readTree(await response.text())));
      if (found === undefined) equal++;
      else if (problems.length < 20) problems.push(`${locations[i]}: differs at ${found}`);
    }
  }
  return { equal, problems };
}

const expected = (resource: Tree, map: ReadonlyMap<string, string>): Tree => withoutServerParts(replaceReferences(resource, map));

/** Only `reference` elements may change: an identifier that looks like a urn:uuid must stay. */
function replaceReferences(tree: Tree, map: ReadonlyMap<string, string>): Tree {
  if (Array.isArray(tree)) return tree.map((t) => replaceReferences(t, map));
  if (!isRecord(tree)) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, key === 'reference' ? replaceStrings(value, map) : replaceReferences(value, map)]),
  );
}

/** What conditional references (`Practitioner?identifier=system|value`) must have become. */
function identifiersOf(all: readonly Sent[]): [string, string][] {
  return all.flatMap(({ entries, locations }) =>
    entries.flatMap(({ resource }, i) => {
      if (!isRecord(resource)) return [];
      const type = String(resource['resourceType']);
      return arrayOf(resource['identifier']).map((id): [string, string] => [
        `${type}?identifier=${String(id['system'])}|${String(id['value'])}`,
        locations[i] as string,
      ]);
    }),
  );
}

async function checkCounts(fhirBase: string, all: readonly Sent[]): Promise<string[]> {
  const counts = new Map<string, number>();
  for (const { resource } of all.flatMap((s) => s.entries)) {
    const type = isRecord(resource) ? String(resource['resourceType']) : '';
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return compareCounts(fhirBase, counts);
}

/** Problems where the server counts otherwise. */
export async function compareCounts(fhirBase: string, counts: ReadonlyMap<string, number>): Promise<string[]> {
  const problems: string[] = [];
  for (const [type, count] of counts) {
    const answer = (await (await fetch(`${fhirBase}/${type}?_summary=count`)).json()) as { total?: number };
    if (answer.total !== count) problems.push(`${type}: ${answer.total} found, ${count} sent`);
  }
  return problems;
}

/** How many resources of each type the files hold. */
export function countResources(files: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const file of files) {
    for (const { resource } of entriesOf(readTree(readFileSync(file, 'utf8')))) {
      const type = isRecord(resource) ? String(resource['resourceType']) : '';
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return counts;
}
