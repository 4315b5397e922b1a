/** All search cases by topic. Every matcher and every store passes all of them. */
import { NUMBER_CASES, QUANTITY_CASES } from './amount.ts';
import { COMMON_CASES, SORT_CASES, SYSTEM_CASES } from './common.ts';
import { COMPOSITE_CASES } from './composite.ts';
import { DATE_CASES, LAST_UPDATED_CASES, PERIOD_CASES } from './date.ts';
import { CHAIN_CASES, HAS_CASES } from './links.ts';
import { REFERENCE_CASES, URI_CASES } from './reference.ts';
import { PLAIN_TEXT_CASES, STRING_CASES } from './string.ts';
import { MISSING_CASES, TOKEN_CASES, TOKEN_MODIFIER_CASES } from './token.ts';
import type { SearchCase } from './types.ts';

export const SEARCH_CASES: Readonly<Record<string, readonly SearchCase[]>> = {
  string: STRING_CASES,
  'plain text': PLAIN_TEXT_CASES,
  token: TOKEN_CASES,
  'token modifiers': TOKEN_MODIFIER_CASES,
  missing: MISSING_CASES,
  date: DATE_CASES,
  period: PERIOD_CASES,
  'last updated': LAST_UPDATED_CASES,
  number: NUMBER_CASES,
  quantity: QUANTITY_CASES,
  reference: REFERENCE_CASES,
  uri: URI_CASES,
  composite: COMPOSITE_CASES,
  chain: CHAIN_CASES,
  has: HAS_CASES,
  'all resources': COMMON_CASES,
  'several types': SYSTEM_CASES,
  sort: SORT_CASES,
};
