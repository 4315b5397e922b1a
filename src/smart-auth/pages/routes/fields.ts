/** What pages are asked with. Fields that a page doesn't know are left alone: apps and browsers add some. */
import { Type } from 'typebox';

const TEXT = Type.Optional(Type.String({ maxLength: 4000 }));

export const WISHES = { lang: TEXT, ui_locales: TEXT };
export const TX = { tx: Type.Optional(Type.String({ maxLength: 200 })) };

/** The fields of forms are told apart by each page itself: they have as many as there are scopes. */
export const FIELDS = Type.Record(Type.String(), Type.String({ maxLength: 4000 }));
export type Fields = Readonly<Record<string, string | undefined>>;

export const PAGE = 'text/html';
export const PAGES = 'Pages';
