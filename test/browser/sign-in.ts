/** Signing in as the pages ask for it, for a handful of people: password, TOTP, several clinics. */
import { verify } from 'otplib';
import type { ClinicId } from '../../src/fhir/model/ids.ts';
import { fhirError } from '../../src/fhir/outcome/error.ts';
import type { OpenPlace, SignIn, SignInStep } from '../../src/smart-auth/pages/deps.ts';

export interface Known {
  readonly account: string;
  readonly email: string;
  readonly password: string;
  readonly totp?: string;
  readonly places: readonly OpenPlace[];
}

export function signInOf(people: readonly Known[]): SignIn {
  const byTicket = (ticket: string): Known => {
    const known = people.find((p) => `ticket-${p.account}` === ticket);
    if (!known) throw fhirError('unauthenticated', 'this ticket is no good any more', 'Sign in again.', '/ticket');
    return known;
  };
  const wanted = new Map<string, string | undefined>();
  return {
    async byPassword({ email, password, clinic }) {
      const known = people.find((p) => p.email === email.trim().toLowerCase());
      if (known?.password !== password) throw fhirError('unauthenticated', 'wrong', 'Correct it.');
      wanted.set(known.account, clinic);
      return known.totp === undefined ? at(known, clinic) : { step: 'second-factor', ticket: `ticket-${known.account}` };
    },
    async bySecondFactor({ ticket, code }) {
      const known = byTicket(ticket);
      const isForm = /^\d{6}$/.test(code);
      if (!isForm || !(await verify({ secret: known.totp ?? '', token: code })).valid)
        throw fhirError('unauthenticated', 'wrong', 'Correct it.');
      return at(known, wanted.get(known.account));
    },
    byChoice: async ({ ticket, clinic }) => at(byTicket(ticket), clinic),
  };
}

function at(known: Known, clinic: string | undefined): SignInStep {
  const places = clinic === undefined ? known.places : known.places.filter((p) => p.clinic === (clinic as ClinicId));
  const [place, ...more] = places;
  if (!place) throw fhirError('forbidden', 'no place', 'Ask.');
  if (more.length > 0) return { step: 'choose-clinic', ticket: `ticket-${known.account}`, places };
  return { step: 'done', account: { id: known.account }, place, deviceToken: `device-${known.account}` };
}
