/** Who asks, and what they may see. */
import type { IncomingHttpHeaders } from 'node:http';
import { asClinicId, type ClinicId } from '../model/ids.ts';
import { ALL_ACCESS, type AccessFilter, type Principal } from '../model/principal.ts';
import { FhirError, issue } from '../outcome/error.ts';
import type { Node } from '../search/ast.ts';

export interface Identity {
  readonly principal: Principal;
  readonly access: AccessFilter<Node>;
}

/** The request that is told apart by, and where it came from. */
export interface Arrival {
  readonly requestId: string;
  /** Network address of the caller. */
  readonly address?: string;
}

/** `clinic` is the one in the path, where it names one. Throws `unauthenticated`, `forbidden`, ElsewhereError. */
export type Identify = (headers: IncomingHttpHeaders, clinic: ClinicId | undefined, arrival: Arrival) => Identity | Promise<Identity>;

/** The path names a clinic that isn't the caller's: answered as if there were none, and told to the trail of their own. */
export class ElsewhereError extends FhirError {
  readonly principal: Principal;

  constructor(principal: Principal) {
    super([issue('not-found', 'nothing is here for this caller', 'Check the path, and which clinic the token is for.', 'URL')]);
    this.principal = principal;
  }
}

/** Who asks where nobody needs to say so: no clinic is called like that, and nothing may be touched. */
export const ANYONE: Identity = {
  principal: { subject: 'Device/anyone', clinic: asClinicId('_anyone') },
  access: { restrict: () => 'none', visibleOf: () => undefined, isBreakGlass: () => false },
};

/** `AUTH=none`: everyone is the system client of the clinic in the path, or of `clinic`. */
export function systemIdentity(clinic: ClinicId): Identify {
  const home = identityIn(clinic);
  return (_headers, named) => (named === undefined || named === clinic ? home : identityIn(named));
}

const identityIn = (clinic: ClinicId): Identity => ({ principal: { subject: 'Device/system', clinic }, access: ALL_ACCESS });
