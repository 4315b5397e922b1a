/** Writes `docs/configuration.md` from the table of settings. Run by `npm run docs`; a test holds the page up to date. */
import { writeFileSync } from 'node:fs';
import { SETTINGS } from '../../src/config.ts';
import type { Schema, Setting } from '../../src/platform/settings.ts';

const HEAD = `# Configuration

All settings are environment variables. A value that can't be taken is refused at start with one line that names the
variable, what it was and what it may be. An empty variable counts as unset. Secrets (marked *) may also be given as the
path of a file that holds them, in \`NAME_FILE\`. Generated from \`src/config.ts\`.

| name | default | may be | meaning |
| --- | --- | --- | --- |
`;

const FOOT = `
† Checked at start; what it sets comes with a later version.
`;

export function configurationPage(schema: Schema = SETTINGS): string {
  return HEAD + Object.entries(schema).map(row).join('') + FOOT;
}

function row([name, setting]: [string, Setting<unknown>]): string {
  const marks = `${setting.secret ? ' \\*' : ''}${setting.later ? ' †' : ''}`;
  const standard = setting.defaultNote ?? (setting.default === undefined ? 'unset' : `\`${setting.default}\``);
  return `| \`${name}\`${marks} | ${standard} | ${setting.form.allowed} | ${setting.meaning} |\n`;
}

if (import.meta.main) writeFileSync(new URL('../../docs/configuration.md', import.meta.url), configurationPage());
