/** What consents deny to a reader, as a search tree of a type. */
import type { ResourceKey } from '../../fhir/model/ids.ts';
import type { Definitions } from '../../fhir/model/definitions.ts';
import { ALL, and, not, NONE, or, type Node } from '../../fhir/search/ast.ts';
import type { SearchRegistry } from '../../fhir/search/registry.ts';
import { CONFIDENTIALITY_LEVELS, isConfidentiality, labelParameters } from '../labels/restricted.ts';
import { applies, denies, type Reader } from './applies.ts';
import type { Directive, Label, Provision } from './directive.ts';

export interface CompileDeps {
  readonly definitions: Definitions;
  readonly registry: SearchRegistry;
}

/** Consents themselves stay in sight: without them nobody could tell why something is missing. */
const ALWAYS_SEEN: ReadonlySet<string> = new Set(['Consent']);

/** All that is denied of `type`: for each kind of denial, the patients who said so. NONE where nothing is. */
export function deniedNode(deps: CompileDeps, directives: readonly Directive[], reader: Reader, type: string): Node {
  if (ALWAYS_SEEN.has(type)) return NONE;
  const patientsBy = new Map<string, { readonly node: Node; readonly patients: string[] }>();
  for (const { patient, root } of directives) {
    if (reader.principal.subject === `Patient/${patient}`) continue;
    const node = denied(deps, root, reader, type);
    if (node.op === 'none') continue;
    const key = JSON.stringify(node);
    const known = patientsBy.get(key);
    if (known) known.patients.push(patient);
    else patientsBy.set(key, { node, patients: [patient] });
  }
  return or(...[...patientsBy.values()].map(({ node, patients }) => and(ofPatients(deps.definitions, type, patients), node)));
}

/** Whatever is in the compartments of these patients. */
function ofPatients({ compartments }: Definitions, type: string, patients: readonly string[]): Node {
  if (type === 'Patient') return { op: 'id', ids: patients };
  const targets = patients.map((id) => ({ type: 'Patient', id }) as ResourceKey);
  return or(...(compartments['Patient']?.[type] ?? []).map((param): Node => ({ op: 'reference-in', param, targets })));
}

/** What a provision denies of what it is about: its exceptions are those below it, and a denial among them wins. */
function denied(deps: CompileDeps, provision: Provision, reader: Reader, type: string): Node {
  const about = matching(deps, provision, reader, type, 'at most');
  if (about.op === 'none') return NONE;
  const below = or(...provision.nested.map((p) => denied(deps, p, reader, type)));
  if (!denies(provision, reader)) return and(about, below);
  const permitted = or(...provision.nested.map((p) => permittedBy(deps, p, reader, type)));
  return and(about, or(not(permitted), below));
}

function permittedBy(deps: CompileDeps, provision: Provision, reader: Reader, type: string): Node {
  if (provision.type !== 'permit') return NONE;
  return and(matching(deps, provision, reader, type, 'at least'), not(denied(deps, provision, reader, type)));
}

/** The resources of the type that a provision is about: where it isn't known, all there could be, or none. */
function matching(deps: CompileDeps, provision: Provision, reader: Reader, type: string, extent: 'at most' | 'at least'): Node {
  const { classes, labels, codes, instances, partly } = provision;
  const unsure = extent === 'at most';
  if ((partly && !unsure) || !applies(provision, reader, unsure)) return NONE;
  if (classes && !classes.includes(type)) return NONE;
  return and(
    labels ? labelsNode(labels, type, provision.type === 'deny') : ALL,
    codes ? codesNode(deps, codes, type) : ALL,
    instances ? instancesNode(instances, type) : ALL,
  );
}

/** Levels of confidentiality are a scale: a denial reaches up from the level named, a permission down. */
const labelsNode = (labels: readonly Label[], type: string, isDenial: boolean): Node =>
  or(
    ...labels
      .flatMap((label) => onScale(label, isDenial))
      .flatMap((label) => labelParameters(type).map((param) => tokenNode(param, label))),
  );

function onScale(label: Label, isDenial: boolean): readonly Label[] {
  const level = isConfidentiality(label.system) && label.code !== undefined ? CONFIDENTIALITY_LEVELS.indexOf(label.code) : -1;
  if (level < 0) return [label];
  const codes = isDenial ? CONFIDENTIALITY_LEVELS.slice(level) : CONFIDENTIALITY_LEVELS.slice(0, level + 1);
  return codes.map((code) => ({ ...label, code }));
}

/** By what the type calls its code. */
function codesNode({ registry }: CompileDeps, codes: readonly Label[], type: string): Node {
  const param = ['code', 'type'].find((name) => registry.get(type, name)?.type === 'token');
  return param === undefined ? NONE : or(...codes.map((code) => tokenNode(param, code)));
}

/** NONE for a label that says nothing. */
const tokenNode = (param: string, { system, code }: Label): Node =>
  system === undefined && code === undefined
    ? NONE
    : { op: 'token', param, ...(system === undefined ? {} : { system }), ...(code === undefined ? {} : { code }) };

function instancesNode(instances: readonly string[], type: string): Node {
  const ids = instances.filter((i) => i.startsWith(`${type}/`)).flatMap((i) => i.split('/')[1] ?? []);
  return ids.length === 0 ? NONE : { op: 'id', ids };
}
