/** Bundles joined from the stored texts of resources: nothing is parsed. */

export interface BundleLink {
  readonly relation: 'self' | 'first' | 'next';
  readonly url: string;
}

export interface BundleEntryText {
  readonly fullUrl?: string;
  readonly resource?: Uint8Array;
  /** What follows the resource, JSON without braces: `"search":{"mode":"match"}`. */
  readonly rest: string;
}

/** The pieces of `{"resourceType":"Bundle",…}`. `fullUrl` needs no escaping; links get it. */
export function bundleText(
  type: 'searchset' | 'history',
  total: number | undefined,
  links: readonly BundleLink[],
  entries: readonly BundleEntryText[],
): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let text = `{"resourceType":"Bundle","type":"${type}"${total === undefined ? '' : `,"total":${total}`},"link":${JSON.stringify(links)}`;
  entries.forEach((entry, i) => {
    text += i === 0 ? ',"entry":[{' : ',{';
    if (entry.fullUrl !== undefined) text += `"fullUrl":"${entry.fullUrl}",`;
    if (entry.resource !== undefined) {
      pieces.push(Buffer.from(`${text}"resource":`), entry.resource);
      text = ',';
    }
    text += `${entry.rest}}`;
  });
  pieces.push(Buffer.from(entries.length === 0 ? `${text}}` : `${text}]}`));
  return pieces;
}
