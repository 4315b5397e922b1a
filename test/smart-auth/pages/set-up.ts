/** The pages over the real handler of routes, with people and apps held in memory. */
import type { ScopeLine } from '../../../src/smart-auth/pages/scope-lines.ts';
import { visitOf, type Visit } from '../../../src/smart-auth/pages/visit.ts';

export const PUBLIC_URL = 'http://nadi.test';

export function visit(more: { readonly lang?: string; readonly headers?: Record<string, string> } = {}): Visit {
  const call = { params: {}, query: {}, body: {}, headers: more.headers ?? {}, requestId: 'r-1', address: '::1', publicUrl: PUBLIC_URL };
  return visitOf(call, { lang: more.lang });
}

export const line = (scope: string, more: Partial<ScopeLine> = {}): ScopeLine => ({
  scope,
  heading: 'of-patient',
  abilities: [{ en: 'see', hi: 'देखना' }],
  about: [{ en: 'allergies', hi: 'एलर्जी' }],
  warns: [],
  ...more,
});
