/** One request to a page: in which language it is answered, and by what its forms are known. */
import type { ApiCall } from '../../api/route.ts';
import { formSecretOf, formToken, isOwnForm } from './form-token.ts';
import { languageCookie, languageOf, type LanguageWishes } from './language.ts';
import { sayer, type Language, type Say } from './texts/index.ts';

export interface Visit {
  readonly language: Language;
  readonly say: Say;
  readonly publicUrl: string;
  readonly cookieHeader: string | undefined;
  readonly requestId: string;
  readonly address: string;
  /** `Set-Cookie` that every answer to it carries. */
  readonly cookies: readonly string[];
  /** The token of a form about something. */
  readonly token: (about: readonly string[]) => string;
  readonly isOwnForm: (about: readonly string[], token: string) => boolean;
}

export function visitOf(call: ApiCall<unknown, unknown>, wishes: LanguageWishes): Visit {
  const { headers, publicUrl } = call;
  const language = languageOf(wishes, headers, publicUrl);
  const { secret, cookie } = formSecretOf(publicUrl, headers.cookie);
  return {
    language,
    say: sayer(language),
    publicUrl,
    cookieHeader: headers.cookie,
    requestId: call.requestId,
    address: call.address,
    cookies: [cookie, languageCookie(wishes, publicUrl)].filter((c) => c !== undefined),
    token: (about) => formToken(secret, about),
    isOwnForm: (about, token) => isOwnForm(publicUrl, headers, about, token),
  };
}
