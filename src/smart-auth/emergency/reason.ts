import { fhirError } from '../../fhir/outcome/error.ts';

const MIN = 5;
const MAX = 500;

/** The reason of `X-Break-Glass` as text. Headers come as Latin-1; UTF-8 in them is read as such. Throws `invalid-parameter`. */
export function reasonOf(header: string): string {
  const reason = utf8(header).replaceAll(/\s+/g, ' ').trim();
  if (reason.length >= MIN && reason.length <= MAX && !/\p{Cc}/u.test(reason)) return reason;
  throw fhirError(
    'invalid-parameter',
    `takes a reason of ${MIN} to ${MAX} characters`,
    'Say in a few words what the emergency is.',
    'X-Break-Glass',
  );
}

function utf8(header: string): string {
  if (/[^\0-\xff]/.test(header)) return header;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'));
  } catch {
    return header;
  }
}
