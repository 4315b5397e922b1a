import { expect, it } from '@jest/globals';
import { runtimeProblem } from '../../src/platform/runtime.ts';

it.each([
  ['v20.19.2', 'nadi needs Node 24 or later and this is v20.19.2: use npm start, which brings its own, or install Node 24'],
  ['v23.11.0', 'nadi needs Node 24 or later and this is v23.11.0: use npm start, which brings its own, or install Node 24'],
  ['v24.0.0', undefined],
  ['v26.1.0', undefined],
])('of Node %s says %s', (version, problem) => {
  expect(runtimeProblem(version)).toBe(problem);
});
