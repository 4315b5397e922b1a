/** Scopes in plain words, for the consent page: data, in English and Hindi. */
import type { Action } from '../../fhir/model/principal.ts';
import { GROUPS, groupsOf, type GroupName } from '../roles/groups.ts';
import type { ResourceScope, Scope, ScopeName } from './scope.ts';

export type Language = 'en' | 'hi';
export type Phrase = Readonly<Record<Language, string>>;

/** What letters come to: the first whose letters are all there counts, then what is left is looked up again. */
const ABILITIES: readonly { readonly actions: readonly Action[]; readonly words: Phrase }[] = [
  { actions: ['read', 'search'], words: { en: 'see', hi: 'देखना' } },
  { actions: ['read'], words: { en: 'see single records of', hi: 'एक-एक रिकॉर्ड देखना' } },
  { actions: ['search'], words: { en: 'search', hi: 'खोजना' } },
  { actions: ['create'], words: { en: 'add', hi: 'जोड़ना' } },
  { actions: ['update'], words: { en: 'change', hi: 'बदलना' } },
  { actions: ['delete'], words: { en: 'delete', hi: 'मिटाना' } },
];

const LEVEL_WORDS: Readonly<Record<ResourceScope['level'], Phrase>> = {
  patient: { en: 'of the patient chosen here', hi: 'यहाँ चुने गए रोगी का' },
  user: { en: 'of everyone you may see', hi: 'उन सभी का जिन्हें आप देख सकते हैं' },
  system: { en: 'of everyone in the clinic', hi: 'क्लिनिक में सभी का' },
};

const NAMED_WORDS: Readonly<Record<ScopeName, Phrase>> = {
  launch: { en: 'know which record is open', hi: 'जानना कि कौन सा रिकॉर्ड खुला है' },
  'launch/patient': { en: 'have a patient chosen', hi: 'एक रोगी चुनवाना' },
  'launch/encounter': { en: 'know the current visit', hi: 'वर्तमान मुलाक़ात जानना' },
  openid: { en: 'know that it is you', hi: 'आपकी पहचान जानना' },
  fhirUser: { en: 'know your own record here', hi: 'यहाँ आपका अपना रिकॉर्ड जानना' },
  profile: { en: 'know your name', hi: 'आपका नाम जानना' },
  offline_access: { en: 'keep access while you are away', hi: 'आपकी अनुपस्थिति में भी पहुँच बनाए रखना' },
  online_access: { en: 'keep access while you are signed in', hi: 'जब तक आप साइन इन हैं तब तक पहुँच बनाए रखना' },
};

const EVERYTHING: Phrase = { en: 'all records', hi: 'सभी रिकॉर्ड' };

export interface ScopeWords {
  readonly abilities: readonly Phrase[];
  /** What it is about; empty for scopes that name no resources. */
  readonly about: readonly Phrase[];
  readonly level?: Phrase;
  /** Only a part of these records: the criteria as sent. */
  readonly criteria?: string;
}

export function wordsOf(scope: Scope): ScopeWords {
  if (scope.kind === 'named') return { abilities: [NAMED_WORDS[scope.name]], about: [] };
  const about = scope.type === '*' ? [EVERYTHING] : groupsInWords(scope).map((name): Phrase => GROUPS[name].words);
  const criteria = scope.criteria === undefined ? {} : { criteria: scope.criteria };
  return { abilities: abilitiesOf(scope.actions), about, level: LEVEL_WORDS[scope.level], ...criteria };
}

/** Groups that hold the whole type say it best; a scope's criteria may name one of the others. */
function groupsInWords({ type, criteria }: ResourceScope): readonly GroupName[] {
  const groups = groupsOf(type).filter((name) => GROUPS[name].column !== 'restricted');
  const named = groups.filter((name) => criteria !== undefined && GROUPS[name].only?.[type] === criteria);
  if (named.length > 0) return named;
  const whole = groups.filter((name) => GROUPS[name].only?.[type] === undefined);
  return whole.length > 0 ? whole.slice(0, 1) : groups;
}

function abilitiesOf(actions: readonly Action[]): Phrase[] {
  const left = new Set(actions);
  return ABILITIES.flatMap(({ actions: of, words }) => {
    if (!of.every((a) => left.has(a))) return [];
    of.forEach((a) => left.delete(a));
    return [words];
  });
}
