/** Shapes that several routes share: what is checked, and what `/openapi.json` says. */
import { Type, type TObject, type TProperties, type TSchema, type TString } from 'typebox';
import { ROLES } from '../../fhir/model/principal.ts';

/** Nothing but what is named. */
export const closed = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false });

export const text = (maxLength: number, description?: string): TString =>
  Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });
export const Email = Type.String({ format: 'email', maxLength: 254 });
export const Phone = Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$', description: 'E.164' });
/** Its rules are checked where it is set; here only that it is one. */
export const Password = Type.String({ minLength: 1, maxLength: 1024, description: 'Eight characters or more; none that are tried first.' });
export const LanguageCode = Type.Enum(['en', 'hi']);
export const ClinicKey = Type.String({ pattern: '^[A-Za-z0-9\\-.]{1,64}$' });
export const RoleName = Type.Enum([...ROLES]);
export const Name = { givenName: text(100), familyName: Type.Optional(text(100)) };
export const DateTime = Type.String({ format: 'date-time' });
export const Limit = Type.Integer({ minimum: 1, maximum: 1000, default: 100 });
export const Cursor = Type.String({ minLength: 1, maxLength: 2000 });

export const pageOf = (item: TSchema): TSchema =>
  closed({ data: Type.Array(item), page: closed({ next: Type.Optional(Cursor), total: Type.Optional(Type.Integer()) }) });

/** What every route may answer beside its own. */
export const PROBLEM = 'application/problem+json';
