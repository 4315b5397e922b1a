/**
 * Which folder may import which: imports point one way (ARCHITECTURE.md). Each row names a part of `src` and all
 * it may import beside itself; what isn't listed is refused, and so is a folder that no row knows. `npm run architecture` runs it.
 */
const BASE = ['platform', 'fhir/model', 'fhir/outcome'];
const PORTS = [...BASE, 'fhir/search', 'fhir/store/port.ts', 'records/port.ts', 'jobs/port.ts'];
const FHIR = [...PORTS, 'fhir/patch', 'fhir/representation', 'fhir/validation', 'fhir/work', 'fhir/interactions', 'fhir/operations'];

const MAY_IMPORT = {
  platform: [],
  'fhir/model': ['platform', 'fhir/outcome'],
  'fhir/outcome': ['platform'],
  'fhir/search': [...BASE, 'fhir/store/port.ts'],
  'fhir/store/port.ts': [...BASE, 'fhir/search'],
  'fhir/store/group.ts': [...BASE, 'fhir/search', 'fhir/store/port.ts'],
  'fhir/store/recent.ts': [...BASE, 'fhir/search', 'fhir/store/port.ts'],
  'fhir/store/sqlite': [...BASE, 'fhir/search', 'fhir/store/port.ts', 'fhir/store/group.ts', 'fhir/store/recent.ts'],
  'fhir/store/mongo': [...BASE, 'fhir/search', 'fhir/store/port.ts', 'fhir/store/group.ts', 'fhir/store/recent.ts'],
  'records/port.ts': BASE,
  'records/sqlite': [...BASE, 'records/port.ts', 'fhir/store/group.ts'],
  'records/mongo': [...BASE, 'records/port.ts'],
  'audit/port.ts': BASE,
  'audit/sqlite': [...BASE, 'audit/port.ts'],
  'audit/mongo': [...BASE, 'audit/port.ts'],
  audit: [...FHIR, 'fhir/index.ts', 'fhir/store/group.ts', 'audit/port.ts', 'api'],
  'fhir/patch': BASE,
  'fhir/representation': BASE,
  'fhir/validation': [...BASE, 'fhir/search'],
  'fhir/work': [...BASE, 'fhir/search', 'fhir/store/port.ts', 'fhir/patch', 'fhir/representation', 'fhir/validation'],
  'fhir/interactions': FHIR,
  'fhir/operations': FHIR,
  'fhir/http': FHIR,
  'fhir/index.ts': [...FHIR, 'fhir/http'],
  api: [...BASE, 'fhir/search', 'fhir/http', 'records/port.ts'],
  'smart-auth': [...PORTS, 'fhir/index.ts', 'fhir/interactions', 'fhir/http', 'api'],
  operation: PORTS,
  'config.ts': ['platform', 'fhir/model'],
  cli: [...FHIR, 'fhir/index.ts', 'audit', 'operation', 'config.ts', 'compose.ts'],
  // The composition root: the only place that names adapters and hands functions across folders.
  'app.ts': [...FHIR, 'fhir/http', 'api', 'fhir/index.ts', 'operation', 'config.ts', 'cli'],
  'compose.ts': ['.*'],
  'surfaces.ts': ['.*'],
  'start.ts': ['.*'],
  'main.ts': ['.*'],
};

const pattern = (part) => `^src/${part === '.*' ? '' : part.endsWith('.ts') ? `${part.slice(0, -3)}\\.ts$` : `${part}/`}`;

const directions = Object.entries(MAY_IMPORT).map(([part, allowed]) => ({
  name: `from-${part.replace('.ts', '').replaceAll('/', '-')}`,
  comment: `${part} may import itself and: ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: pattern(part), pathNot: '\\.test\\.ts$' },
  to: { path: '^(src|test|tools|bench)/', pathNot: [part, ...allowed].map(pattern) },
}));

/** Packages that only some places may import: the rest of the program doesn't know what serves or stores. */
const onlyIn = (name, packages, places) => ({
  name,
  comment: `${packages} may be imported only in ${places.join(', ')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: places.map(pattern) },
  to: { path: packages },
});

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'unknown-folder',
      comment: 'a folder that no row of .dependency-cruiser.cjs knows: decide what it may import',
      severity: 'error',
      from: { path: '^src/', pathNot: Object.keys(MAY_IMPORT).map(pattern) },
      to: {},
    },
    { name: 'no-cycles', comment: 'imports point one way', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', comment: 'the imported file or package is missing', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared-packages',
      comment: 'an imported package stands in package.json',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-packages-at-run-time',
      comment: 'the running server has no devDependencies (their types are fine)',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    onlyIn('express-at-the-edge', '(^|/)node_modules/(@types/)?express/', ['fhir/http', 'operation', 'app.ts', 'compose.ts', 'main.ts']),
    onlyIn('mongodb-in-its-adapters', '(^|/)node_modules/(mongodb|mongoose)/', [
      'fhir/store/mongo',
      'records/mongo',
      'audit/mongo',
      'platform/mongo.ts',
    ]),
    onlyIn('sqlite-in-its-adapters', '^(node:)?sqlite$', ['platform/sqlite', 'operation/data-directory.ts']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.d.ts', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
    builtInModules: { add: ['node:sqlite'] },
  },
};
