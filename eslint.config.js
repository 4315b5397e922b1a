/**
 * What the house style asks of code, as far as a linter can see it. Import directions between folders are in
 * `.dependency-cruiser.cjs`, layout of the text is prettier's.
 */
import tseslint from 'typescript-eslint';

const typeAware = { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } };

/** Syntax that the house style rules out everywhere. */
const NO_SYNTAX = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals, or an object `as const`.' },
  { selector: 'Program > VariableDeclaration[kind="let"]', message: 'No mutable state in modules: keep it in what a factory makes.' },
];

const NO_ENVIRONMENT = { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' };
const NO_NOW = { object: 'Date', property: 'now', message: 'Take a Clock (src/platform/clock.ts).' };

export default tseslint.config(
  { ignores: ['dist/', 'generated/', 'coverage/', 'data/', '.tmp/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: typeAware,
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Numbers in templates are plain; `JSON.parse` and checked index access make assertions and conditions a matter of judgement.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // What factories make has no `this`: its methods may be handed on.
      '@typescript-eslint/unbound-method': 'off',
      // Express and node:http hand out functions whose promises they take care of.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...NO_SYNTAX],
      eqeqeq: 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts'],
    rules: { 'no-restricted-properties': ['error', NO_ENVIRONMENT, NO_NOW] },
  },
  {
    // Deadlines of the stores are compared with the machine's own clock.
    files: ['src/platform/clock.ts', 'src/fhir/store/{sqlite,mongo}/**/*.ts', 'src/records/{sqlite,mongo}/**/*.ts'],
    rules: { 'no-restricted-properties': ['error', NO_ENVIRONMENT] },
  },
  {
    files: ['src/main.ts', 'src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['tools/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-base-to-string': 'off' },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What a test's hooks open and close is held in variables of its file.
      'no-restricted-syntax': ['error', ...NO_SYNTAX.filter((s) => !s.selector.includes('let'))],
    },
  },
);
