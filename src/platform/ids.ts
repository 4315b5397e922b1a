/** Identifiers that sort by time: RFC 9562, UUID version 7. */
import { randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Makes a new identifier at each call. */
export type IdSource = () => string;

const POOL_BYTES = 4096;
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** UUIDv7 from the clock; random bytes are drawn in pools, since one draw an id costs more than the id. */
export function uuidSource(clock: Clock): IdSource {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return () => {
    if (used + 10 > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const at = (i: number): number => pool[used + i] as number;
    const time = clock.now().toString(16).padStart(12, '0');
    const h = (byte: number): string => HEX[byte] as string;
    const id =
      `${time.slice(0, 8)}-${time.slice(8)}-${h(0x70 | (at(0) & 0x0f))}${h(at(1))}-${h(0x80 | (at(2) & 0x3f))}${h(at(3))}-` +
      `${h(at(4))}${h(at(5))}${h(at(6))}${h(at(7))}${h(at(8))}${h(at(9))}`;
    used += 10;
    return id;
  };
}
