/** Several processes of one server count together whoever tries from one network. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createGuard, GUARD_POLICY, type Guard } from '../../src/smart-auth/accounts/guard.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { onEachRecordStore, type TestRecords } from '../api/set-up.ts';
import { movableClock } from './clock.ts';

const PER_ADDRESS = 6;
const MINUTES = 60_000;

/** Passes if the answer is 'yes'. */
const attempts =
  (address: string) =>
  (guard: Guard, subject: string, answer: Promise<'yes' | undefined> = Promise.resolve(undefined)): Promise<'yes' | undefined> =>
    guard.attempt({ subject, address }, () => answer);

onEachRecordStore('the guard of a network, in two processes', (open) => {
  const clock = movableClock();
  let opened: TestRecords;
  let records: RecordStore;
  let reads = 0;
  let [here, there]: Guard[] = [];
  beforeAll(async () => {
    opened = await open(clock);
    const counted: RecordStore['get'] = (...given) => {
      reads += 1;
      return opened.records.get(...given);
    };
    records = { ...opened.records, get: counted };
    [here, there] = [1, 2].map(() => createGuard({ records, clock }, { ...GUARD_POLICY, perAddress: PER_ADDRESS }));
  });
  afterAll(() => opened.dispose());

  it('what fails there is seen here a second later at most, also where somebody is always under way', async () => {
    const attempt = attempts('10.0.0.1');
    const never = Promise.withResolvers<'yes'>();
    const underWay = attempt(here as Guard, 'slow', never.promise);
    while (reads < 2) await new Promise(setImmediate);
    for (let n = 0; n < PER_ADDRESS - 1; n++) await attempt(there as Guard, `there ${n}`);
    clock.advance(1000);
    await expect(attempt(here as Guard, 'here', Promise.resolve('yes'))).rejects.toMatchObject({
      message: expect.stringContaining('too many'),
    });
    never.resolve('yes');
    expect(await underWay).toBe('yes');
    expect(await attempt(here as Guard, 'here', Promise.resolve('yes'))).toBe('yes');
  });

  it('and at once after a failure here', async () => {
    const attempt = attempts('10.0.0.2');
    const never = Promise.withResolvers<'yes'>();
    const before = reads;
    const underWay = attempt(here as Guard, 'slow 2', never.promise);
    while (reads < before + 2) await new Promise(setImmediate);
    for (let n = 0; n < PER_ADDRESS - 2; n++) await attempt(there as Guard, `there again ${n}`);
    await attempt(here as Guard, 'one more');
    await expect(attempt(here as Guard, 'too many')).rejects.toMatchObject({ message: expect.stringContaining('too many') });
    never.resolve('yes');
    expect(await underWay).toBe('yes');
  });

  it('a crowd asks for the count of its network once; what failed counts for as long as it should', async () => {
    const attempt = attempts('10.0.0.3');
    const before = reads;
    const crowd = await Promise.all(Array.from({ length: 4 }, (_, n) => attempt(here as Guard, `of a crowd ${n}`, Promise.resolve('yes'))));
    expect(crowd).toEqual(['yes', 'yes', 'yes', 'yes']);
    expect(reads - before).toBe(5);
    for (let n = 0; n < PER_ADDRESS; n++) await attempt(here as Guard, `failed ${n}`);
    const refused = attempt(here as Guard, 'after', Promise.resolve('yes'));
    await expect(refused).rejects.toMatchObject({ retryAfter: (GUARD_POLICY.addressMs / MINUTES) * 60 });
    clock.advance(GUARD_POLICY.addressMs);
    expect(await attempt(here as Guard, 'after', Promise.resolve('yes'))).toBe('yes');
  });
});
