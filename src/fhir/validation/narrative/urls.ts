/** Attribute values that could run something: read as a browser reads them, entities and blanks resolved. */
import { SCHEMES } from './allowed.ts';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ENTITY = /&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g;
/** Browsers skip these inside a scheme. */
const IGNORED = /[\u0000-\u0020]+/g;
const SCHEME = /^([a-z][a-z0-9+.-]*):/;
const INLINE_IMAGE = /^data:image\/(?:png|gif|jpeg|jpg|webp|bmp)[;,]/;
const ACTIVE_STYLE =
  /\\|expression\(|javascript:|behavior:|-moz-binding|@import|url\((?!["']?data:image\/(?:png|gif|jpeg|jpg|webp|bmp)[;,])/;
const STYLE_COMMENT = /\/\*/;

/** The text that an attribute value of XML stands for. */
function decoded(value: string): string {
  return value.replace(ENTITY, (_all, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? '';
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '0', 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}

const asRead = (value: string): string => decoded(value).replace(IGNORED, '').toLowerCase();

/** A relative URL, one of a harmless scheme, or, in an image, an inline picture. */
export function isSafeUrl(value: string, element: string): boolean {
  const url = asRead(value);
  const scheme = SCHEME.exec(url)?.[1];
  return scheme === undefined || SCHEMES.has(scheme) || (element === 'img' && INLINE_IMAGE.test(url));
}

/** Style that neither loads nor runs anything. */
export function isSafeStyle(value: string): boolean {
  const style = asRead(value);
  return !STYLE_COMMENT.test(style) && !ACTIVE_STYLE.test(style);
}
