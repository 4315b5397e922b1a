/** Tests run as ES modules; only types are stripped, so a test sees the code that runs. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/src'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
  },
  maxWorkers: 2,
  // For busy machines; no test waits for time to pass.
  testTimeout: 60_000 * Number(process.env.SOAK_RUNS ?? 1),
};
