/** Dates as people write them. */
import type { Language } from './texts/index.ts';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-IN', hi: 'hi-IN' };

export const dayOf = (language: Language, time: number, timeZone: string): string =>
  new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long', timeZone }).format(time);

/** A FHIR date, which may be a year, or a year and month: https://hl7.org/fhir/R4/datatypes.html#date */
export function dateInWords(language: Language, date: string): string {
  const [year, month, day] = date.split('-').map(Number);
  const time = Date.UTC(year ?? NaN, (month ?? 1) - 1, day ?? 1);
  if (Number.isNaN(time)) return date;
  const parts: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    ...(month === undefined ? {} : { month: 'long' }),
    ...(day === undefined ? {} : { day: 'numeric' }),
  };
  return new Intl.DateTimeFormat(LOCALES[language], { ...parts, timeZone: 'UTC' }).format(time);
}
