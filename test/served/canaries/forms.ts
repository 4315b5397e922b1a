/** Words that no software has, and how they look wherever they turn up. */

/** As it is written, folded, as a URL has it, and as base64 has it, wherever in a group of three it begins. */
export function formsOf(canary: string): string[] {
  const encoded = [0, 1, 2].map((shift) => Buffer.from('x'.repeat(shift) + canary).toString('base64'));
  const inner = encoded.map((text, shift) => text.slice(shift === 0 ? 0 : 4, canary.length > 8 ? -4 : undefined));
  return [canary, canary.toLowerCase(), encodeURIComponent(canary), ...inner];
}

/** The canaries that the text has in any form, each with what stands around it. */
export const canariesIn = (text: string, canaries: readonly string[]): string[] =>
  canaries.flatMap((canary) => {
    const at = formsOf(canary)
      .map((form) => text.indexOf(form))
      .find((found) => found >= 0);
    return at === undefined ? [] : [`${canary}: …${text.slice(Math.max(0, at - 80), at + canary.length + 40)}…`];
  });
