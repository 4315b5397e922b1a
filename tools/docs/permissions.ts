/** Writes `docs/permissions.md` from the table of roles. Run by `npm run docs`; a test holds the page up to date. */
import { writeFileSync } from 'node:fs';
import { ROLES, type Role } from '../../src/fhir/model/principal.ts';
import { RESTRICTED_LABELS } from '../../src/smart-auth/labels/restricted.ts';
import { COLUMNS, type Column } from '../../src/smart-auth/roles/columns.ts';
import { DENIED_TYPES, GROUP_NAMES, GROUPS, type GroupName } from '../../src/smart-auth/roles/groups.ts';
import { AUTHOR, TREATING } from '../../src/smart-auth/roles/rows.ts';
import { EMERGENCY_COLUMNS, EMERGENCY_ROLES, grantsOf, ROLE_TABLE, type Grant, type RowRule } from '../../src/smart-auth/roles/table.ts';

const ROW_WORDS: Readonly<Record<RowRule, string>> = {
  own: 'own',
  author: 'written by them',
  treated: 'of patients treated',
  released: 'released',
  'released-results': 'results once released',
};

const HEAD = `# Who may do what

Generated from the tables in \`src/smart-auth/roles\`. What is not on this page is not allowed.

Letters: **c** create, **r** read, **u** change, **d** delete, **s** search. Without further words they hold for the whole
clinic; nobody reaches another clinic. An app never gets more than the person who uses it: what its scopes grant is cut
down to this table.
`;

const RULES = `
- **own**: what belongs to the patient who is signed in, or whom an app was opened for (of the patient's compartment
  of FHIR what is about them; to be read, also what is about nobody and they wrote, sent or got).
- **written by them**: the record names the person as its author.
- **of patients treated**: the person is the patient's general practitioner, or takes part in one of the
  patient's ${TREATING.map((t) => `${t.type}s`).join(', ')} (those that are ${[...new Set(TREATING.flatMap((t) => t.except))].join(', ')} don't count).
- **released**: tagged \`released\`. A laboratory or imaging result is shown to its patient once it is also final, amended or
  corrected; all else is shown at once.
`;

/** The page as text. */
export function permissionsPage(): string {
  return [
    HEAD,
    section('Roles', table(['role', ...TABLE_COLUMNS], ROLES.map(columnsRow))),
    `\n${TABLE_COLUMNS.map((c) => `- **${c}**: ${COLUMNS[c]}`).join('\n')}\n`,
    RULES,
    section('Exceptions', exceptions()),
    section('Restricted records', restricted()),
    section('Emergencies', emergencies()),
    section('Some elements only', elements()),
    section('Groups', table(['group', 'column', 'what it is', 'resource types', 'at most'], GROUP_NAMES.map(groupRow))),
    section('Role by group', `${GROUPED}\n${table(['group', ...ROLES.map(shortName)], GROUP_NAMES.map(matrixRow))}`),
    section('Never', table(['type', 'why'], Object.entries(DENIED_TYPES))),
    section(
      'Authors',
      table(
        ['type', 'search parameters that name the author'],
        Object.entries(AUTHOR).map(([t, p]) => [t, p.join(', ')]),
      ),
    ),
  ].join('');
}

const TABLE_COLUMNS = (Object.keys(COLUMNS) as Column[]).filter((c) => c !== 'systems');
const GROUPED = 'A `*` stands beside letters that hold for some of the records only, as the table of roles says.\n';

const section = (title: string, text: string): string => `\n## ${title}\n\n${text}`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
const line = (cells: readonly string[]): string => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |\n`;

const columnsRow = (role: Role): string[] => [role, ...TABLE_COLUMNS.map((column) => cell(ROLE_TABLE[role].columns[column] ?? []))];

const cell = (grants: readonly Grant[]): string => grants.map(grantWords).join('; ') || '–';

function grantWords({ letters, rows, audited }: Grant): string {
  const words = [letters, ...rows.map((r) => ROW_WORDS[r])].join(', ');
  return audited ? `${words} (audited as ${audited})` : words;
}

function exceptions(): string {
  const rows = ROLES.flatMap((role) =>
    (Object.keys(ROLE_TABLE[role].groups ?? {}) as GroupName[]).map((group) => [role, group, cell(grantsOf(role, group))]),
  );
  return `In these groups a role may do something else than in the rest of the column.\n\n${table(['role', 'group', 'may'], rows)}`;
}

const restricted = (): string =>
  `A record is restricted when it carries one of these labels (\`meta.security\`; of a DocumentReference also
\`securityLabel\`, of a Composition also \`confidentiality\`). Then only the column *restricted* counts, for people and
groups alike. Back-end systems reach it only by a scope that names the label.

${table(
  ['code system', 'codes'],
  RESTRICTED_LABELS.map(({ system, codes }) => [system, codes.join(', ')]),
)}
A file (Binary) with a \`securityContext\` is reached by whoever may read the record that it names, and by nobody else.
`;

const emergencies = (): string => `${EMERGENCY_ROLES.join(', ')} may open records beyond this table for an hour, by giving a reason
(\`X-Break-Glass\`): they then read and search all that stands in ${[...EMERGENCY_COLUMNS].join(', ')}, of every patient and
whatever its label, and consents that don't name emergencies don't hold them back. They write no more than before. The
opening and every access within the hour are audited with the reason, and the clinic's administrators are alerted.
`;

function elements(): string {
  const rows = ROLES.flatMap((role) =>
    Object.entries(ROLE_TABLE[role].visible ?? {}).map(([type, { elements: of }]) => [role, type, [...of].join(', ')]),
  );
  return table(['role', 'type', 'elements'], rows);
}

function groupRow(name: GroupName): string[] {
  const { column, words, types, only, most } = GROUPS[name];
  const shown = types.map((type) => (only?.[type] === undefined ? type : `${type} (some)`));
  return [name, column, words.en, shown.join(', ') || 'not kept as FHIR', most ?? 'cruds'];
}

const matrixRow = (group: GroupName): string[] => [group, ...ROLES.map((role) => brief(grantsOf(role, group)))];
const brief = (grants: readonly Grant[]): string => grants.map((g) => `${g.letters}${g.rows.length > 0 ? '\\*' : ''}`).join(' ') || '–';
const shortName = (role: Role): string => role.replace('_', ' ').toLowerCase();

if (import.meta.main) writeFileSync(new URL('../../docs/permissions.md', import.meta.url), permissionsPage());
