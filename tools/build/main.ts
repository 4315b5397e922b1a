/**
 * `npm run build`: compiles `src` to `dist`, or does nothing when `dist` is newer than everything it is made of. Types are
 * checked by `npm run types`; here they are only stripped, so that a first start doesn't wait for the check.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stamp = join(root, 'dist', '.built');

/** When the newest of files and folders (a folder changes when a file in it comes or goes) was changed. */
function newest(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true });
  const times = entries.map((e) => (e.isDirectory() ? newest(join(folder, e.name)) : statSync(join(folder, e.name)).mtimeMs));
  return Math.max(statSync(folder).mtimeMs, ...times);
}

function isFresh(): boolean {
  const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json'), fileURLToPath(import.meta.url)];
  return newest(join(root, 'src')) < built && sources.every((s) => statSync(s).mtimeMs < built);
}

if (!isFresh()) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--noCheck'], {
    stdio: 'inherit',
  });
  writeFileSync(stamp, '');
}
