/** The second factor: https://www.rfc-editor.org/rfc/rfc6238, thirty seconds a step, one step of tolerance, and codes for a lost telephone. */
import { randomBytes } from 'node:crypto';
import { generateSecret, generateURI, ScureBase32Plugin, verify } from 'otplib';
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import { digest } from './identifiers.ts';
import type { Account } from './records.ts';
import type { Accounts } from './accounts.ts';

const STEP_SECONDS = 30;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;
const ISSUER = 'Nadi';

export type Totp = NonNullable<Account['totp']>;

export interface SecondFactors {
  /** A secret that isn't the account's yet. */
  offer(email: string): { readonly secret: string; readonly uri: string };
  /** Makes the secret the account's, where the code shows that someone has it; undefined where it doesn't, or there is one already. */
  confirm(account: string, secret: string, code: string): Promise<readonly string[] | undefined>;
  /** Whether the code is one of these thirty seconds, or a recovery code; each counts once, whoever asks at the same time. */
  use(account: string, code: string): Promise<boolean>;
}

export interface SecondFactorDeps {
  readonly accounts: Accounts;
  readonly clock: Clock;
  /** For the secrets, each under its account. */
  readonly sealer: Sealer;
}

export function createSecondFactors({ accounts, clock, sealer }: SecondFactorDeps): SecondFactors {
  const stepOf = (secret: string, code: string, afterStep?: number): Promise<number | undefined> =>
    matchingStep(secret, code, Math.floor(clock.now() / 1000), afterStep);
  return {
    offer(email) {
      const secret = generateSecret();
      return { secret, uri: generateURI({ issuer: ISSUER, label: email, secret }) };
    },
    async confirm(account, secret, code) {
      const lastStep = await stepOf(secret, code);
      if (lastStep === undefined) return undefined;
      const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
      const totp: Totp = { sealed: sealer.seal(secret, account), confirmed: true, lastStep, recovery: codes.map(recoveryDigest) };
      const changed = await accounts.change(account, (before) => (before.totp ? undefined : { ...before, totp }));
      return changed && codes;
    },
    async use(account, code) {
      const totp = (await accounts.find(account))?.value.totp;
      const secret = totp && sealer.open(totp.sealed, account);
      if (!totp || secret === undefined) return false;
      const step = /^\d{6}$/.test(code) ? await stepOf(secret, code, totp.lastStep) : undefined;
      const used = (before: Totp): Totp | undefined => (step === undefined ? withoutRecovery(before, code) : withStep(before, step));
      const changed = await accounts.change(account, (before) => {
        const after = before.totp?.sealed === totp.sealed ? used(before.totp) : undefined;
        return after && { ...before, totp: after };
      });
      return changed !== undefined;
    },
  };
}

async function matchingStep(secret: string, code: string, epoch: number, afterStep?: number): Promise<number | undefined> {
  if (!/^\d{6}$/.test(code)) return undefined;
  const current = Math.floor(epoch / STEP_SECONDS);
  // Later than anything that could match: otplib takes it for a mistake, we for no match.
  if (afterStep !== undefined && afterStep > current) return undefined;
  const tolerance = { epochTolerance: STEP_SECONDS, ...(afterStep === undefined ? {} : { afterTimeStep: afterStep }) };
  const result = await verify({ secret, token: code, epoch, period: STEP_SECONDS, ...tolerance });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}

const withStep = (totp: Totp, step: number): Totp | undefined => (step > totp.lastStep ? { ...totp, lastStep: step } : undefined);

function withoutRecovery(totp: Totp, code: string): Totp | undefined {
  const used = recoveryDigest(code);
  return totp.recovery.includes(used) ? { ...totp, recovery: totp.recovery.filter((known) => known !== used) } : undefined;
}

/** 80 bits in groups of four: `abcd-efgh-ijkl-mnop`. */
function newRecoveryCode(): string {
  const text = new ScureBase32Plugin().encode(randomBytes(RECOVERY_BYTES), { padding: false }).toLowerCase();
  return text.match(/.{4}/g)?.join('-') ?? text;
}

const recoveryDigest = (code: string): string => digest(code.toLowerCase().replace(/[^a-z2-7]/g, ''));
