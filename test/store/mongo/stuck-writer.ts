/** A process that stops in the middle of a commit: it says so, and waits to be killed. Arguments: URL, database, clinic, id. */
import { writeSync } from 'node:fs';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import type { Put, Trace } from '../../../src/fhir/store/port.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { put, setOf } from '../../contract/store/context.ts';

const [url, database, clinic, id] = process.argv.slice(2) as [string, string, string, string];

/** Who writes is asked for when documents are made: inside the transaction. */
const stuck: Put = {
  ...put('Patient', id),
  get trace(): Trace {
    writeSync(1, 'stuck\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    throw new Error('was not killed');
  },
};

const store = await openMongoStore({ url, database, clock: systemClock });
await store.write(asClinicId(clinic), setOf([stuck]));
