/** Files that no entry point reaches. */
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

/** Follows imports, dynamic ones too, and paths in strings (`new URL('./worker.ts', import.meta.url)`). */
export function unreachableFiles(files: readonly ts.SourceFile[], isEntry: (file: ts.SourceFile) => boolean): string[] {
  const byName = new Map(files.map((f) => [f.fileName, f]));
  const reached = new Set<string>();
  const queue = files.filter(isEntry).map((f) => f.fileName);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const file = byName.get(name);
    if (file) queue.push(...pathsIn(file).filter((p) => byName.has(p)));
  }
  return files.map((f) => f.fileName).filter((f) => !reached.has(f));
}

function pathsIn(file: ts.SourceFile, isChosen?: (literal: ts.Node) => boolean): string[] {
  return literalsOf(file, isChosen)
    .filter((text) => /^\.\.?\/.*\.[jt]s$/.test(text))
    .map((text) => resolve(dirname(file.fileName), text.replace(/\.js$/, '.ts')));
}

/** Files that others start or load by their path (`new URL('./worker.ts', import.meta.url)`): what they export can't be followed. */
export function loadedByPath(files: readonly ts.SourceFile[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => pathsIn(file, (literal) => !isImported(literal))));
}

const isImported = ({ parent }: ts.Node): boolean =>
  ts.isImportDeclaration(parent) ||
  ts.isExportDeclaration(parent) ||
  ts.isLiteralTypeNode(parent) ||
  (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword);

/** All string literals of a file, or those chosen. */
export function literalsOf(file: ts.SourceFile, isChosen: (literal: ts.Node) => boolean = () => true): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) && isChosen(node)) found.push(node.text);
    // `./worker${suffix}`: beside a `.ts` in a checkout, beside a `.js` in a build.
    if (ts.isTemplateHead(node) && /^\.\.?\/[\w/-]+$/.test(node.text)) found.push(`${node.text}.ts`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
