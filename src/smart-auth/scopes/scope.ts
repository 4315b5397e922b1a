/** SMART scopes as values. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html */
import type { Action } from '../../fhir/model/principal.ts';

export type Level = 'patient' | 'user' | 'system';

/** Scopes that name no resources. */
export const NAMED_SCOPES = [
  'launch',
  'launch/patient',
  'launch/encounter',
  'openid',
  'fhirUser',
  'profile',
  'offline_access',
  'online_access',
] as const;
export type ScopeName = (typeof NAMED_SCOPES)[number];

export interface NamedScope {
  readonly kind: 'named';
  readonly name: ScopeName;
}

export interface ResourceScope {
  readonly kind: 'resource';
  readonly level: Level;
  /** A resource type, or `*`. */
  readonly type: string;
  readonly actions: readonly Action[];
  /** Search criteria as sent, without `?`. */
  readonly criteria?: string;
  /** As SMART 1 wrote it: an app that asked so is answered so. */
  readonly form?: 'read' | 'write' | '*';
}

export type Scope = NamedScope | ResourceScope;

export const isResourceScope = (scope: Scope): scope is ResourceScope => scope.kind === 'resource';
