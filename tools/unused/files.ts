/** Files that no entry point reaches. */
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

/** Follows imports, dynamic ones too, and paths in strings (`new URL('./worker.ts', import.meta.url)`). */
export function unreachableFiles(files: readonly ts.SourceFile[], isEntry: (file: string) => boolean): string[] {
  const byName = new Map(files.map((f) => [f.fileName, f]));
  const reached = new Set<string>();
  const queue = files.map((f) => f.fileName).filter(isEntry);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const file = byName.get(name);
    if (file) queue.push(...pathsIn(file).filter((p) => byName.has(p)));
  }
  return files.map((f) => f.fileName).filter((f) => !reached.has(f));
}

function pathsIn(file: ts.SourceFile): string[] {
  return literalsOf(file)
    .filter((text) => /^\.\.?\/.*\.[jt]s$/.test(text))
    .map((text) => resolve(dirname(file.fileName), text.replace(/\.js$/, '.ts')));
}

/** All string literals of a file. */
export function literalsOf(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
