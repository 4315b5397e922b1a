/** What people are told where they are refused. */
import { FhirError } from '../../../fhir/outcome/error.ts';
import type { TextKey } from '../texts/index.ts';
import type { Visit } from '../visit.ts';

/** How a page says that something was refused. */
interface Refusal {
  readonly text: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Says why in words; whatever isn't a refusal goes on. A wrong password is 403: 401 would need a challenge that browsers know. */
export function refusal({ say }: Visit, error: unknown, wrong: TextKey): Refusal {
  if (!(error instanceof FhirError)) throw error;
  const seconds = error.retryAfter ?? 60;
  const minutes = Math.ceil(seconds / 60);
  const headers = { 'Retry-After': String(seconds) };
  switch (error.kind) {
    case 'unauthenticated':
      return { text: say(wrong), status: 403, headers: {} };
    case 'forbidden':
      return { text: say('login.no-place'), status: 403, headers: {} };
    case 'rate-limited':
      return { text: say('login.busy', { minutes }), status: 429, headers };
    default:
      if (error.status !== 423) throw error;
      return { text: say('login.locked', { minutes }), status: 423, headers };
  }
}
