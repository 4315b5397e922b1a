const MAX_SUGGESTIONS = 3;

/** Of the known names those that are most like the given one, best first; none where nothing is close. */
export function nearest(name: string, known: readonly string[]): string[] {
  const given = name.toLowerCase();
  const limit = Math.max(2, Math.floor(given.length / 3));
  return known
    .map((k) => ({ name: k, distance: k.startsWith(given) && given.length > 2 ? 1 : editDistance(given, k.toLowerCase(), limit) }))
    .filter((k) => k.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map((k) => k.name);
}

/** Levenshtein's; anything above `limit` may come back as any number above it. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const swap = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
