/** A user as a clinic sees them. */
import { Type } from 'typebox';
import type { ApiAnswer } from '../../api/route.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import { etagOfRevision } from './etag.ts';
import type { StoredMembership } from './memberships.ts';
import { closed, DateTime, text } from '../../api/schemas.ts';
import { Email, Phone, RoleName } from './schemas.ts';

export const User = closed({
  id: text(64),
  name: text(300),
  email: Email,
  phone: Type.Optional(Phone),
  clinic: text(64),
  role: RoleName,
  fhirUser: text(80, 'Their resource in this clinic'),
  active: Type.Boolean(),
  createdAt: DateTime,
});

export const userView = (clinic: ClinicId, { id, value }: StoredMembership): object => ({
  id,
  name: value.name,
  email: value.email,
  ...(value.phone === undefined ? {} : { phone: value.phone }),
  clinic,
  role: value.role,
  fhirUser: value.fhirUser,
  active: value.active,
  createdAt: new Date(value.createdAt).toISOString(),
});

export const userAnswer = (status: number, clinic: ClinicId, user: StoredMembership): ApiAnswer => ({
  status,
  headers: { ETag: etagOfRevision(user.revision), ...(status === 201 ? { Location: `/users/${user.id}` } : {}) },
  body: userView(clinic, user),
  audit: { target: user.value.fhirUser },
});
