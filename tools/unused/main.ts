/**
 * `npm run unused`: names exports that nothing else uses, files that nothing reaches, and dependencies that nothing imports.
 * Starts from the entry points below and follows imports; fails if it finds any.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { unusedDependencies, type Manifest } from './dependencies.ts';
import { unusedExports } from './exports.ts';
import { loadedByPath, unreachableFiles } from './files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = [
  /^src\/main\.ts$/,
  /^src\/cli\/main\.ts$/,
  /^tools\/[^/]+\/(main|build)\.ts$/,
  /^bench\/(main|loop-watch)\.ts$/,
  /\.test\.ts$/,
];
/** Files whose text may name a package without importing it. */
const CONFIGURATION = ['package.json', 'jest.config.js', 'eslint.config.js', '.dependency-cruiser.cjs'];

function loadProgram(): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile(
    `${root}tsconfig.json`,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (d) => {
        throw new Error(ts.flattenDiagnosticMessageText(d.messageText, ' '));
      },
    },
  );
  if (!config) throw new Error('tsconfig.json cannot be read');
  const created = ts.createProgram(config.fileNames, config.options);
  // Binds the files: nodes know their parents from then on.
  created.getTypeChecker();
  return created;
}

const program = loadProgram();
const name = (file: string): string => relative(root, file);
const own = program
  .getSourceFiles()
  .filter((f) => !f.isDeclarationFile && !name(f.fileName).startsWith('..') && !f.fileName.includes('node_modules'));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Manifest;
const configuration = CONFIGURATION.map((f) => readFileSync(root + f, 'utf8'));

/** Named above, or a program of its own. */
const isEntry = (file: ts.SourceFile): boolean => ENTRY.some((e) => e.test(name(file.fileName))) || file.text.includes('import.meta.main');

const byPath = loadedByPath(own);
const problems = [
  ...unreachableFiles(own, isEntry).map((f) => `${name(f)}: no entry point reaches this file`),
  ...unusedExports(program, own)
    .filter((e) => !byPath.has(e.file))
    .map((e) => `${name(e.file)}:${e.line} ${e.name}: exported, but used by no other file`),
  ...unusedDependencies(manifest, own, configuration).map((d) => `package.json ${d}: nothing imports or runs this package`),
];
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? `nothing unused in ${own.length} files` : `${problems.length} unused`);
process.exitCode = problems.length === 0 ? 0 : 1;
