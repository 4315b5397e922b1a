/** A request to a page, as a browser sends it. */
import { visitOf, type Visit } from '../../../src/smart-auth/pages/visit.ts';

export function visit(lang: 'en' | 'hi' = 'en'): Visit {
  const call = { params: {}, query: {}, body: {}, headers: {}, requestId: 'r-1', address: '::1', publicUrl: 'http://nadi.test' };
  return visitOf(call, { lang });
}
