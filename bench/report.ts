/** The page of figures. */
import { cpus } from 'node:os';

export interface Figure {
  readonly store: string;
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  /** What bare code does with the same driver, in the same run; and the least share of it that is promised. */
  readonly floor?: number;
  readonly promised?: number;
  /** Or the most that is allowed. */
  readonly limit?: number;
  readonly note?: string;
}

const number = (value: number): string => Math.round(value).toLocaleString('en');

function row({ store, name, unit, ours, floor, promised, limit, note }: Figure): string {
  if (floor === undefined)
    return `| ${store} | ${name} | ${number(ours)}${unit} | | | ≤ ${limit}${unit} | ${verdict(ours <= (limit ?? Infinity))} | ${note ?? ''} |`;
  const ratio = ours / floor;
  return `| ${store} | ${name} | ${number(ours)}${unit} | ${number(floor)}${unit} | ${ratio.toFixed(2)} | ≥ ${promised} | ${verdict(ratio >= (promised ?? 0))} | ${note ?? ''} |`;
}

const verdict = (met: boolean): string => (met ? 'met' : '**missed**');

/** Markdown; nothing in it but what was measured and on what. */
export function report(figures: readonly Figure[]): string {
  return [
    '# Performance',
    '',
    `Measured by \`npm run bench\` on ${cpus().length} cores, load generator included, Node ${process.versions.node}. Each figure stands beside its floor, measured in the`,
    'same run: for requests, bare Express with the same driver, data and indexes; for transactions, the bulk insert of the driver.',
    'Machines are noisy: the ratio counts.',
    '',
    '| store | what | Nadi | floor | ratio | promised | | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...figures.map(row),
    '',
  ].join('\n');
}
