/** Which passwords are taken: https://pages.nist.gov/800-63-4/sp800-63b.html, length and a list of known ones, nothing about composition. */
import { fhirError } from '../../../fhir/outcome/error.ts';
import { isCommon } from './common.ts';

const MIN_PASSWORD = 8;
const MAX_PASSWORD = 128;

/** Whose password it is to be: what stands in their name is the first guess. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
}

/** Throws `business-rule` for one that is easily guessed. `where` is its JSON pointer. */
export function assertGoodPassword(password: string, owner: PasswordOwner, where = '/password'): void {
  const { length } = Array.from(password.normalize('NFKC'));
  if (length < MIN_PASSWORD || length > MAX_PASSWORD)
    throw refused(`a password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`, 'Choose a longer one: a few words do.', where);
  if (isCommon(password)) throw refused('this password is on the list of those that are tried first', 'Choose another one.', where);
  if (isOwn(password, owner)) throw refused('the password is made of the name or e-mail address', 'Choose another one.', where);
}

/** The parts of name and address, alone or with figures and signs behind. */
function isOwn(password: string, { email, name }: PasswordOwner): boolean {
  const text = password.normalize('NFKC').toLowerCase();
  const bare = text.replace(/[\d\p{P}\p{S}\s]+$/u, '');
  const parts = [email, email.split('@')[0] ?? '', name, name.replace(/\s+/g, ''), 'nadi'].map((p) => p.toLowerCase());
  return parts.some((part) => part !== '' && (text === part || bare === part));
}

const refused = (rule: string, hint: string, where: string): Error => fhirError('business-rule', rule, hint, where);
