import { createExtractor } from '../../src/fhir/search/values/index.ts';
import { parserDeps } from './set-up.ts';

/** One for all search tests: what it compiles it keeps. */
export const extractor = createExtractor(parserDeps);
