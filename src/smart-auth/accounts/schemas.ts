/** Shapes that several routes share: what is checked, and what `/openapi.json` says. */
import { Type } from 'typebox';
import { text } from '../../api/schemas.ts';
import { ROLES } from '../../fhir/model/principal.ts';

export const Email = Type.String({ format: 'email', maxLength: 254 });
export const Phone = Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$', description: 'E.164' });
/** Its rules are checked where it is set; here only that it is one. */
export const Password = Type.String({ minLength: 1, maxLength: 1024, description: 'Eight characters or more; none that are tried first.' });
export const LanguageCode = Type.Enum(['en', 'hi']);
export const ClinicKey = Type.String({ pattern: '^[A-Za-z0-9\\-.]{1,64}$' });
export const RoleName = Type.Enum([...ROLES]);
export const Name = { givenName: text(100), familyName: Type.Optional(text(100)) };
