/** What stands in docs/smart-apps.md to be run. */
import { readFileSync } from 'node:fs';

export const SMART_APPS = readFileSync(new URL('../../docs/smart-apps.md', import.meta.url), 'utf8');

export const blocksOf = (language: 'sh' | 'js' | 'html'): string[] =>
  [...SMART_APPS.matchAll(new RegExp('```' + language + '\\n([^]*?)```', 'g'))].map(([, text = '']) => text);
