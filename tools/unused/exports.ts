/** Exports that no other file uses. */
import ts from 'typescript';

export interface UnusedExport {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

/**
 * A value counts as used when another file names it; a type also when its own file does, since the shape of what is
 * exported may be named by anybody.
 */
export function unusedExports(program: ts.Program, files: readonly ts.SourceFile[]): UnusedExport[] {
  const checker = program.getTypeChecker();
  const users = usersBySymbol(checker, files);
  return files.flatMap((file) =>
    exportsOf(checker, file)
      .filter((symbol) => !isUsed(symbol, file, users))
      .map((symbol) => describe(symbol, file)),
  );
}

type Users = ReadonlyMap<ts.Symbol, ReadonlySet<string>>;

/** Files that name a symbol elsewhere than where it is declared or passed on. */
function usersBySymbol(checker: ts.TypeChecker, files: readonly ts.SourceFile[]): Users {
  const users = new Map<ts.Symbol, Set<string>>();
  const add = (symbol: ts.Symbol | undefined, file: string): void => {
    if (!symbol) return;
    const known = users.get(symbol);
    if (known) known.add(file);
    else users.set(symbol, new Set([file]));
  };
  for (const file of files) {
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && !isDeclaredName(node)) add(resolved(checker, symbolAt(checker, node)), file.fileName);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return users;
}

function symbolAt(checker: ts.TypeChecker, node: ts.Identifier): ts.Symbol | undefined {
  const parent = node.parent;
  if (ts.isShorthandPropertyAssignment(parent)) return checker.getShorthandAssignmentValueSymbol(parent);
  // `const { start } = await import('./start.ts')`
  if (ts.isBindingElement(parent) && (parent.propertyName ?? parent.name) === node)
    return checker.getTypeAtLocation(parent.parent).getProperty(node.text);
  return checker.getSymbolAtLocation(node);
}

const resolved = (checker: ts.TypeChecker, symbol: ts.Symbol | undefined): ts.Symbol | undefined =>
  symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** The name in a declaration or in a re-export doesn't use what it names. */
function isDeclaredName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isExportSpecifier(parent)) return true;
  return (
    (ts.isVariableDeclaration(parent) || ts.isFunctionDeclaration(parent) || ts.isTypeAliasDeclaration(parent) || isClassLike(parent)) &&
    parent.name === node
  );
}

const isClassLike = (node: ts.Node): node is ts.ClassDeclaration | ts.InterfaceDeclaration =>
  ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node);

/** Declared in the file itself: what it passes on from another is judged there. */
function exportsOf(checker: ts.TypeChecker, file: ts.SourceFile): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(file);
  if (!module) return [];
  return checker
    .getExportsOfModule(module)
    .filter((s) => s.declarations?.[0]?.getSourceFile() === file && !(s.flags & ts.SymbolFlags.Alias));
}

function isUsed(symbol: ts.Symbol, file: ts.SourceFile, users: Users): boolean {
  const by = users.get(symbol);
  if (!by) return false;
  const isType = (symbol.flags & ts.SymbolFlags.Value) === 0;
  return isType || [...by].some((f) => f !== file.fileName);
}

function describe(symbol: ts.Symbol, file: ts.SourceFile): UnusedExport {
  const at = symbol.declarations?.[0]?.getStart() ?? 0;
  return { file: file.fileName, line: file.getLineAndCharacterOfPosition(at).line + 1, name: symbol.name };
}
