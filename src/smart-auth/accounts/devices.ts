/** Devices that have signed in before: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies */
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';

export interface Devices {
  /** A token to be shown at the next sign-in; it keeps the id of a device that has one. */
  remember(account: string, device: string | undefined): string;
  /** The id of the device, if the token is of this account. */
  known(account: string | undefined, token: string | undefined): string | undefined;
}

const DAYS = 180;
const DAY_MS = 24 * 60 * 60 * 1000;

export function createDevices(clock: Clock, newId: () => string, sealer: Sealer): Devices {
  return {
    remember: (account, device) => sealer.seal(`${clock.now() + DAYS * DAY_MS} ${device ?? newId()}`, `device ${account}`),
    known(account, token) {
      const text = account === undefined || token === undefined ? undefined : sealer.open(token, `device ${account}`);
      const [until, id] = text?.split(' ') ?? [];
      return Number(until) > clock.now() ? id : undefined;
    },
  };
}
