/** Wall clocks: the instant at which a zone's clock shows a local time, across changes of its offset. */
export interface Zone {
  /** The first instant whose local time is `local` or later; both in ms, `local` as if it were UTC. */
  instantOf(local: number): number;
}

const UTC: Zone = { instantOf: (local) => local };
const DAY = 86_400_000;
/** Three days: no zone has changed its offset and changed it back within one bucket. */
const BUCKET = 3 * DAY;
const MAX_BUCKETS = 50_000;

/** Zones by IANA name, each with a cache of its offsets. An unknown name throws a RangeError. */
export function createZones(): (name: string) => Zone {
  const zones = new Map<string, Zone>([
    ['UTC', UTC],
    ['Etc/UTC', UTC],
    ['Z', UTC],
  ]);
  return (name) => {
    const known = zones.get(name);
    if (known) return known;
    const zone = createZone(name);
    zones.set(name, zone);
    return zone;
  };
}

function createZone(name: string): Zone {
  const offsetAt = cachedOffsets(offsetReader(name));
  return {
    instantOf(local) {
      const before = offsetAt(local - DAY);
      const after = offsetAt(local + DAY);
      if (before === after) return local - before;
      if (offsetAt(local - before) === before) return local - before;
      if (offsetAt(local - after) === after) return local - after;
      return firstWith(after, offsetAt, local - DAY, local + DAY);
    },
  };
}

/** Bisects for the change of offset: what a local time becomes that the clock skipped. */
function firstWith(offset: number, offsetAt: (ms: number) => number, from: number, to: number): number {
  if (to - from <= 1) return to;
  const middle = Math.floor((from + to) / 2);
  return offsetAt(middle) === offset ? firstWith(offset, offsetAt, from, middle) : firstWith(offset, offsetAt, middle, to);
}

/** One reading costs a microsecond or two, a cached one some nanoseconds. NaN marks buckets in which the offset changes. */
function cachedOffsets(read: (ms: number) => number): (ms: number) => number {
  const buckets = new Map<number, number>();
  return (ms) => {
    const bucket = Math.floor(ms / BUCKET);
    let offset = buckets.get(bucket);
    if (offset === undefined) {
      const first = read(bucket * BUCKET);
      offset = first === read((bucket + 1) * BUCKET) ? first : Number.NaN;
      if (buckets.size >= MAX_BUCKETS) buckets.clear();
      buckets.set(bucket, offset);
    }
    return Number.isNaN(offset) ? read(ms) : offset;
  };
}

/** Offsets east of Greenwich in ms, seconds included (local mean times of the nineteenth century have them). */
function offsetReader(name: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  return (ms) => {
    const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(ms));
    if (!match) return 0;
    const [, sign, hours, minutes, seconds] = match;
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)) * 1000;
    return sign === '-' ? -size : size;
  };
}
