/** Shapes that routes of all parts share: what is checked, and what `/openapi.json` says. */
import { Type, type TObject, type TProperties, type TSchema, type TString } from 'typebox';

/** Nothing but what is named. */
export const closed = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false });

export const text = (maxLength: number, description?: string): TString =>
  Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });
export const DateTime = Type.String({ format: 'date-time' });
export const Limit = Type.Integer({ minimum: 1, maximum: 1000, default: 100 });
export const Cursor = Type.String({ minLength: 1, maxLength: 2000 });

export const pageOf = (item: TSchema): TSchema =>
  closed({ data: Type.Array(item), page: closed({ next: Type.Optional(Cursor), total: Type.Optional(Type.Integer()) }) });

/** What every route may answer beside its own. */
export const PROBLEM = 'application/problem+json';
