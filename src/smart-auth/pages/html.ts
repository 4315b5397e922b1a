/** HTML from templates: whatever is filled in is text, unless it was made by this template itself. */

/** Text that is HTML already; only `html` makes it. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  static of(strings: TemplateStringsArray, values: readonly Filling[]): Html {
    return new Html(strings.reduce((made, part, i) => made + printed(values[i - 1]) + part));
  }
}

/** `undefined` and `false` leave nothing, so that a part can hang on a condition. */
export type Filling = string | number | Html | readonly Filling[] | undefined | false;

/** Fill in element content and values of quoted attributes only: nothing here makes a script, a style or a URL harmless. */
export const html = (strings: TemplateStringsArray, ...values: readonly Filling[]): Html => Html.of(strings, values);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

const escaped = (text: string): string => text.replace(/[&<>"'`]/g, (c) => ENTITIES[c] ?? c);

function printed(value: Filling): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(printed).join('');
  return escaped(String(value));
}
