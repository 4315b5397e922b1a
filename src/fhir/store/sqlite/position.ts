/** Where a page goes on, as the opaque text of the port. */
import type { SqlValue } from '../../../platform/sqlite/connection.ts';
import { fhirError } from '../../outcome/error.ts';
import type { StoreQuery } from '../port.ts';
import type { Position } from './compile/order.ts';

/** How many values besides `rid` a row of the order has. */
export const keyCount = (order: StoreQuery['order']): number => (order === 'natural' ? 0 : order === 'seq' ? 1 : order.length);

export const printPosition = ({ keys, rid }: Position): string => JSON.stringify([...keys, rid]);

/** Throws `invalid-cursor` for what isn't of a page in this order. */
export function parsePosition(text: string | undefined, order: StoreQuery['order']): Position | undefined {
  if (text === undefined) return undefined;
  const values = parse(text);
  const rid = values?.at(-1);
  const keys = values?.slice(0, -1);
  const valid = Number.isSafeInteger(rid) && keys?.length === keyCount(order) && (order !== 'seq' || Number.isSafeInteger(keys[0]));
  if (!valid) throw fhirError('invalid-cursor', 'the cursor is not of a page of this search', 'Start again from the first page.');
  return { keys, rid: rid as number };
}

function parse(text: string): readonly SqlValue[] | undefined {
  try {
    const values: unknown = JSON.parse(text);
    const isValue = (v: unknown): boolean => v === null || typeof v === 'string' || typeof v === 'number';
    return Array.isArray(values) && values.every(isValue) ? (values as SqlValue[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Orders rows of several types as SQLite orders those of one: nulls last, numbers before strings, strings by their bytes. */
export function comparePositions(descending: readonly boolean[]): (a: Position, b: Position) => number {
  return (a, b) => {
    for (const [i, down] of descending.entries()) {
      const [x, y] = [a.keys[i] ?? null, b.keys[i] ?? null];
      if (x === null || y === null) {
        if (x === y) continue;
        return x === null ? 1 : -1;
      }
      const order = compareValues(x, y);
      if (order !== 0) return down ? -order : order;
    }
    return a.rid - b.rid;
  };
}

function compareValues(a: SqlValue, b: SqlValue): number {
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (typeof a === 'string') return 1;
  return typeof b === 'string' ? -1 : Number(a) - Number(b);
}
