/** A program that writes sets until it is killed, and prints the number of each set that was acknowledged. */
import { openSqliteStore } from '../../../src/fhir/store/sqlite/index.ts';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { put, setOf } from '../../contract/store/context.ts';

const [file = '', first = '0'] = process.argv.slice(2);
const WRITERS = 8;
const clinic = asClinicId('clinic');
const store = await openSqliteStore({ file, clock: systemClock });
let next = Number(first);

async function writeSets(): Promise<never> {
  for (;;) {
    const set = (next += 1);
    const entries = { token: [{ param: 'set', system: '', code: `${set}` }], sort: [{ param: 'rank', lo: set, hi: set }] };
    const parts = [0, 1, 2, 3].map((part) => put('Patient', `s${set}-${part}`, { entries }));
    await store.write(clinic, setOf([...parts, put('Basic', 'last', { entries })]));
    process.stdout.write(`${set}\n`);
  }
}

process.stdout.write('open\n');
await Promise.all(Array.from({ length: WRITERS }, writeSets));
