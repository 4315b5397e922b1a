/** Writes `docs/errors.md` from the closed list of error kinds. Run by `npm run docs:errors`; a test holds the page up to date. */
import { writeFileSync } from 'node:fs';
import { ERROR_KINDS } from '../../src/fhir/outcome/kinds.ts';

export function errorsPage(): string {
  const rows = Object.entries(ERROR_KINDS).map(
    ([kind, { status, issue, means }]) => `| \`${kind}\` | ${status} | \`${issue}\` | ${means} |`,
  );
  return [
    '# Kinds of errors',
    '',
    'Every error names one of these kinds: FHIR paths in `OperationOutcome.issue.details.coding.code`, the others in the',
    '`type` of the problem. Generated from `src/fhir/outcome/kinds.ts`.',
    '',
    '| kind | status | issue type | means |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(new URL('../../docs/errors.md', import.meta.url), errorsPage());
