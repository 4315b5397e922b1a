/** A text as a search value: what search would read as a list or an escape is meant as it stands. https://hl7.org/fhir/R4/search.html#escaping */
export const searchLiteral = (text: string): string => text.replace(/[\\,|$]/g, (c) => `\\${c}`);
