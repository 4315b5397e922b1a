/** Security labels that make a resource restricted. https://hl7.org/fhir/R4/security-labels.html */
import { or, type Node } from '../../fhir/search/ast.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** From the least to the most confidential. */
export const CONFIDENTIALITY_LEVELS: readonly string[] = ['U', 'L', 'M', 'N', 'R', 'V'];

/** Restricted and very restricted; mental health, substance use, sexuality, HIV and the like. */
export const RESTRICTED_LABELS: readonly { readonly system: string; readonly codes: readonly string[] }[] = [
  { system: CONFIDENTIALITY, codes: ['R', 'V'] },
  {
    system: ACT_CODE,
    codes: ['SPI', 'BH', 'MH', 'PSY', 'PSYTHPN', 'ETH', 'SUD', 'ETHUD', 'OPIOIDUD', 'SEX', 'HIV', 'STD', 'SDV', 'MST', 'VIO', 'TBOO'],
  },
];

/** Where a type says it beside `meta.security`; these take the same codes. */
const MORE_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  DocumentReference: ['security-label'],
  Composition: ['confidentiality'],
};

/** Where labels of a type are found. */
export const labelParameters = (type: string): readonly string[] => ['_security', ...(MORE_PARAMETERS[type] ?? [])];

/** Resources of the type that carry a restricted label. The same value for the same type. */
export function labelledNode(type: string): Node {
  return NODES.get(type) ?? UNDER_SECURITY;
}

/** `Composition.confidentiality` is a code whose system its binding knows. */
const tokensUnder = (param: string): Node =>
  or(
    ...RESTRICTED_LABELS.flatMap(({ system, codes }) =>
      codes.map((code): Node => (param === 'confidentiality' ? { op: 'token', param, code } : { op: 'token', param, system, code })),
    ),
  );

const UNDER_SECURITY = tokensUnder('_security');
const NODES: ReadonlyMap<string, Node> = new Map(
  Object.keys(MORE_PARAMETERS).map((type) => [type, or(...labelParameters(type).map(tokensUnder))]),
);

export const isConfidentiality = (system: string | undefined): boolean => system === CONFIDENTIALITY;

/** Whether each of the values `system|code,…` of a search parameter is a restricted label. */
export const areRestricted = (values: string): boolean => values.split(',').every((value) => LABELS.has(decoded(value)));

const LABELS: ReadonlySet<string> = new Set(RESTRICTED_LABELS.flatMap(({ system, codes }) => codes.map((code) => `${system}|${code}`)));

/** What can't be decoded is no label. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
