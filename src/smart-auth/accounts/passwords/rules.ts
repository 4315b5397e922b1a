/** Which passwords are taken: https://pages.nist.gov/800-63-4/sp800-63b.html, length and a list of known ones, nothing about composition. */
import { FhirError, issue } from '../../../fhir/outcome/error.ts';
import { isCommon } from './common.ts';

export const MIN_PASSWORD = 8;
export const MAX_PASSWORD = 128;

/** Whose password it is to be: what stands in their name is the first guess. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
}

/** Why a password isn't taken. */
export type PasswordFlaw = 'length' | 'common' | 'own';

const FLAWS: Readonly<Record<PasswordFlaw, { readonly rule: string; readonly hint: string }>> = {
  length: { rule: `a password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`, hint: 'Choose a longer one: a few words do.' },
  common: { rule: 'this password is on the list of those that are tried first', hint: 'Choose another one.' },
  own: { rule: 'the password is made of the name or e-mail address', hint: 'Choose another one.' },
};

/** `business-rule`; pages say the flaw in words of their own. */
export class BadPassword extends FhirError {
  readonly flaw: PasswordFlaw;

  constructor(flaw: PasswordFlaw, where: string) {
    super([issue('business-rule', FLAWS[flaw].rule, FLAWS[flaw].hint, where)]);
    this.flaw = flaw;
  }
}

/** Throws BadPassword for one that is easily guessed. `where` is its JSON pointer. */
export function assertGoodPassword(password: string, owner: PasswordOwner, where = '/password'): void {
  const flaw = flawOf(password, owner);
  if (flaw) throw new BadPassword(flaw, where);
}

function flawOf(password: string, owner: PasswordOwner): PasswordFlaw | undefined {
  const { length } = Array.from(password.normalize('NFKC'));
  if (length < MIN_PASSWORD || length > MAX_PASSWORD) return 'length';
  if (isCommon(password)) return 'common';
  return isOwn(password, owner) ? 'own' : undefined;
}

/** The parts of name and address, alone or with figures and signs behind. */
function isOwn(password: string, { email, name }: PasswordOwner): boolean {
  const text = password.normalize('NFKC').toLowerCase();
  const bare = text.replace(/[\d\p{P}\p{S}\s]+$/u, '');
  const parts = [email, email.split('@')[0] ?? '', name, name.replace(/\s+/g, ''), 'nadi'].map((p) => p.toLowerCase());
  return parts.some((part) => part !== '' && (text === part || bare === part));
}
