/**
 * What every record store promises (`src/records/port.ts`). An adapter supplies a factory:
 * `recordsContract('sqlite', async (clock) => ({ records, reopen, dispose }))`.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asClinicId, type ClinicId } from '../../src/fhir/model/ids.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { RecordKind, RecordStore, StoredRecord } from '../../src/records/port.ts';

export interface RecordsUnderTest {
  readonly records: RecordStore;
  /** Closes the store and opens the same data again. */
  reopen(): Promise<RecordStore>;
  /** Closes the store and removes its data. */
  dispose(): Promise<void>;
}

/** Opens a store on fresh, empty data; `clock` says what has expired. */
export type RecordsFactory = (clock: Clock) => Promise<RecordsUnderTest>;

interface Account {
  readonly email: string;
  readonly phone?: string;
  readonly role: string;
  readonly more?: unknown;
}

const ACCOUNT: RecordKind<Account> = {
  name: 'account',
  unique: ({ email, phone }) => ({ email, ...(phone === undefined ? {} : { phone }) }),
  index: ({ role }) => ({ role }),
};
/** The same names and values in another kind. */
const CLIENT: RecordKind<Account> = { ...ACCOUNT, name: 'client' };
const PLAIN: RecordKind<unknown> = { name: 'plain' };

const account = (email: string, role = 'nurse', more: Partial<Account> = {}): Account => ({ email, role, ...more });
const ids = (found: readonly StoredRecord<unknown>[]): string => found.map((r) => r.id).join(' ');

/** Ahead of any real clock, so that no cleaner deletes what has not expired by this one. */
const START = Date.UTC(2200, 0, 1);

interface Context {
  records: RecordStore;
  now: number;
  readonly clinic: () => ClinicId;
}

export function recordsContract(name: string, factory: RecordsFactory): void {
  describe(`records contract: ${name}`, () => {
    let under: RecordsUnderTest;
    let clinics = 0;
    const context: Context = {
      records: undefined as unknown as RecordStore,
      now: START,
      clinic: () => asClinicId(`clinic-${(clinics += 1)}`),
    };
    beforeAll(async () => {
      under = await factory({ now: () => context.now });
      context.records = under.records;
    }, 60_000);
    afterAll(() => under.dispose(), 60_000);

    writes(context);
    uniqueKeys(context);
    lists(context);
    expiry(context);
    walls(context);

    it('keeps everything over a restart', async () => {
      const clinic = context.clinic();
      await context.records.insert(ACCOUNT, clinic, 'a', account('a@x'));
      await context.records.replace(ACCOUNT, clinic, 'a', 1, account('b@x'));
      context.records = await under.reopen();
      expect(await context.records.get(ACCOUNT, clinic, 'a')).toEqual({ id: 'a', value: account('b@x'), revision: 2 });
      expect((await context.records.findUnique(ACCOUNT, clinic, 'email', 'b@x'))?.id).toBe('a');
      await expect(context.records.check()).resolves.toBeUndefined();
    });
  });
}

function writes(context: Context): void {
  describe('writes', () => {
    it('insert, get, replace and remove', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      expect(await records.get(ACCOUNT, clinic, 'a')).toBeUndefined();
      const record = { id: 'a', value: account('a@x'), revision: 1 };
      expect(await records.insert(ACCOUNT, clinic, 'a', account('a@x'))).toEqual({ ok: true, record });
      expect(await records.get(ACCOUNT, clinic, 'a')).toEqual(record);
      const newer = { id: 'a', value: account('b@x', 'doctor'), revision: 2 };
      expect(await records.replace(ACCOUNT, clinic, 'a', 1, account('b@x', 'doctor'))).toEqual({ ok: true, record: newer });
      expect(await records.get(ACCOUNT, clinic, 'a')).toEqual(newer);
      expect(await records.remove(ACCOUNT, clinic, 'a')).toBe(true);
      expect(await records.get(ACCOUNT, clinic, 'a')).toBeUndefined();
      expect(await records.remove(ACCOUNT, clinic, 'a')).toBe(false);
    });

    it('are refused where the record is not as expected', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      expect(await records.replace(ACCOUNT, clinic, 'a', 1, account('a@x'))).toEqual({ ok: false, reason: 'revision' });
      await records.insert(ACCOUNT, clinic, 'a', account('a@x'));
      expect(await records.insert(ACCOUNT, clinic, 'a', account('b@x'))).toEqual({ ok: false, reason: 'exists' });
      expect(await records.replace(ACCOUNT, clinic, 'a', 2, account('b@x'))).toEqual({ ok: false, reason: 'revision' });
      expect(await records.replace(ACCOUNT, clinic, 'a', 0, account('b@x'))).toEqual({ ok: false, reason: 'revision' });
      expect(await records.remove(ACCOUNT, clinic, 'a', 2)).toBe(false);
      expect(await records.get(ACCOUNT, clinic, 'a')).toEqual({ id: 'a', value: account('a@x'), revision: 1 });
      expect(await records.remove(ACCOUNT, clinic, 'a', 1)).toBe(true);
      expect(await records.replace(ACCOUNT, clinic, 'a', 1, account('c@x'))).toEqual({ ok: false, reason: 'revision' });
      expect(await records.insert(ACCOUNT, clinic, 'a', account('c@x'))).toMatchObject({ ok: true, record: { revision: 1 } });
    });

    it('of one revision: exactly one of 20 at once wins', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      const inserts = await Promise.all(Array.from({ length: 20 }, (_, i) => records.insert(PLAIN, clinic, 'a', { i })));
      expect(inserts.filter((r) => r.ok)).toHaveLength(1);
      expect(inserts.filter((r) => !r.ok && r.reason === 'exists')).toHaveLength(19);
      const replaces = await Promise.all(Array.from({ length: 20 }, (_, i) => records.replace(PLAIN, clinic, 'a', 1, { i })));
      expect(replaces.filter((r) => r.ok)).toHaveLength(1);
      expect(replaces.filter((r) => !r.ok && r.reason === 'revision')).toHaveLength(19);
    });

    it.each([
      { value: { a: [1, 2.5, -0.1, 1e21], b: null, c: { d: {} }, e: [] } },
      { value: { $gt: 1, 'a.b': { $where: 'x' }, __v: 1, _id: 'x', '': '' } },
      { value: 'text' },
      { value: [] },
      { value: { long: 'ü😀'.repeat(50_000) } },
    ])('keep a value as it is ($#)', async ({ value }) => {
      const { records, clinic: next } = context;
      const clinic = next();
      await records.insert(PLAIN, clinic, 'a', value);
      expect((await records.get(PLAIN, clinic, 'a'))?.value).toEqual(value);
    });

    it('take ids as they are', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      const odd = ['a/b', 'a', 'a b', 'ü', '$x', '__proto__', '%', "'"];
      for (const id of odd) expect(await records.insert(PLAIN, clinic, id, { id })).toMatchObject({ ok: true });
      for (const id of odd) expect((await records.get(PLAIN, clinic, id))?.value).toEqual({ id });
    });
  });
}

function uniqueKeys(context: Context): void {
  describe('unique values', () => {
    it('are found', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      await records.insert(ACCOUNT, clinic, 'a', account('a@x', 'nurse', { phone: '1' }));
      await records.insert(ACCOUNT, clinic, 'b', account('b@x'));
      const find = async (key: string, value: string) => (await records.findUnique(ACCOUNT, clinic, key, value))?.id;
      expect(await find('email', 'a@x')).toBe('a');
      expect(await find('phone', '1')).toBe('a');
      expect(await find('email', 'b@x')).toBe('b');
      expect(await find('email', '1')).toBeUndefined();
      expect(await find('role', 'nurse')).toBeUndefined();
    });

    it('are refused a second time, by name', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      await records.insert(ACCOUNT, clinic, 'a', account('a@x', 'nurse', { phone: '1' }));
      await records.insert(ACCOUNT, clinic, 'b', account('b@x'));
      const email = { ok: false, reason: 'unique', key: 'email' };
      expect(await records.insert(ACCOUNT, clinic, 'c', account('a@x'))).toEqual(email);
      expect(await records.insert(ACCOUNT, clinic, 'c', account('c@x', 'nurse', { phone: '1' }))).toEqual({ ...email, key: 'phone' });
      expect(await records.replace(ACCOUNT, clinic, 'b', 1, account('a@x'))).toEqual(email);
      expect(await records.get(ACCOUNT, clinic, 'b')).toMatchObject({ value: account('b@x'), revision: 1 });
      expect(await records.replace(ACCOUNT, clinic, 'b', 1, account('b@x', 'doctor'))).toMatchObject({ ok: true });
    });

    it('are free again once replaced or removed', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      await records.insert(ACCOUNT, clinic, 'a', account('a@x'));
      await records.replace(ACCOUNT, clinic, 'a', 1, account('b@x'));
      expect(await records.findUnique(ACCOUNT, clinic, 'email', 'a@x')).toBeUndefined();
      expect(await records.insert(ACCOUNT, clinic, 'c', account('a@x'))).toMatchObject({ ok: true });
      await records.remove(ACCOUNT, clinic, 'a');
      expect(await records.insert(ACCOUNT, clinic, 'd', account('b@x'))).toMatchObject({ ok: true });
    });

    it('let exactly one of 20 at once win', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) => records.insert(ACCOUNT, clinic, `a${i}`, account('a@x'))));
      expect(all.filter((r) => r.ok)).toHaveLength(1);
      expect(all.filter((r) => !r.ok && r.reason === 'unique' && r.key === 'email')).toHaveLength(19);
    });
  });
}

function lists(context: Context): void {
  describe('lists', () => {
    it('are in the order of ids, in steps, all or by a name', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      for (const [i, id] of ['d', 'a', 'c', 'b', 'e'].entries()) {
        await records.insert(ACCOUNT, clinic, id, account(`${id}@x`, i % 2 === 0 ? 'nurse' : 'doctor'));
      }
      const nurses = { name: 'role', value: 'nurse' };
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 10 }))).toBe('a b c d e');
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 2 }))).toBe('a b');
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 2, after: 'b' }))).toBe('c d');
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 2, after: 'e' }))).toBe('');
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 10, by: nurses }))).toBe('c d e');
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 2, by: nurses, after: 'c' }))).toBe('d e');
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 2, by: { name: 'role', value: 'x' } }))).toBe('');
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 2, by: { name: 'email', value: 'a@x' } }))).toBe('');
    });

    it('follow replacements', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      await records.insert(ACCOUNT, clinic, 'a', account('a@x'));
      await records.replace(ACCOUNT, clinic, 'a', 1, account('a@x', 'doctor'));
      expect(ids(await records.list(ACCOUNT, clinic, { limit: 10, by: { name: 'role', value: 'nurse' } }))).toBe('');
      expect(await records.list(ACCOUNT, clinic, { limit: 10, by: { name: 'role', value: 'doctor' } })).toEqual([
        { id: 'a', value: account('a@x', 'doctor'), revision: 2 },
      ]);
    });
  });
}

function expiry(context: Context): void {
  describe('expiry', () => {
    it('makes a record absent, to the millisecond', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      const expiresAt = context.now + 1000;
      const made = await records.insert(ACCOUNT, clinic, 'a', account('a@x'), { expiresAt });
      expect(made).toEqual({ ok: true, record: { id: 'a', value: account('a@x'), revision: 1, expiresAt } });
      context.now = expiresAt - 1;
      expect(await records.get(ACCOUNT, clinic, 'a')).toMatchObject({ expiresAt });
      expect(await records.findUnique(ACCOUNT, clinic, 'email', 'a@x')).toMatchObject({ id: 'a' });
      context.now = expiresAt;
      expect(await records.get(ACCOUNT, clinic, 'a')).toBeUndefined();
      expect(await records.findUnique(ACCOUNT, clinic, 'email', 'a@x')).toBeUndefined();
      expect(await records.list(ACCOUNT, clinic, { limit: 10 })).toEqual([]);
      expect(await records.replace(ACCOUNT, clinic, 'a', 1, account('a@x'))).toEqual({ ok: false, reason: 'revision' });
      expect(await records.remove(ACCOUNT, clinic, 'a')).toBe(false);
    });

    it('frees the id and the unique values', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      for (const id of ['a', 'b', 'c']) await records.insert(ACCOUNT, clinic, id, account(`${id}@x`), { expiresAt: context.now + 10 });
      await records.insert(ACCOUNT, clinic, 'live', account('live@x'));
      context.now += 10;
      const again = await records.insert(ACCOUNT, clinic, 'a', account('a2@x'));
      expect(again).toEqual({ ok: true, record: { id: 'a', value: account('a2@x'), revision: 1 } });
      expect(await records.insert(ACCOUNT, clinic, 'x', account('b@x'))).toMatchObject({ ok: true });
      expect(await records.replace(ACCOUNT, clinic, 'live', 1, account('c@x'))).toMatchObject({ ok: true });
      expect((await records.findUnique(ACCOUNT, clinic, 'email', 'b@x'))?.id).toBe('x');
    });

    it('is followed by deletion where that is asked for, of every clinic and kind', async () => {
      const { records, clinic: next } = context;
      const clinics = [next(), next()];
      const expiresAt = context.now + 10;
      const many = Array.from({ length: 600 }, (_, i) => `many-${i}`);
      await Promise.all(many.map((id) => records.insert(PLAIN, clinics[0] as ClinicId, id, id, { expiresAt })));
      for (const clinic of clinics) {
        for (const kind of [ACCOUNT, CLIENT]) await records.insert(kind, clinic, 'gone', account('gone@x'), { expiresAt });
        await records.insert(ACCOUNT, clinic, 'later', account('later@x'), { expiresAt: expiresAt + 1 });
        await records.insert(ACCOUNT, clinic, 'stays', account('stays@x'));
      }
      context.now = expiresAt;
      await records.sweep();
      // What had only expired would be there again.
      context.now = expiresAt - 1;
      for (const clinic of clinics) {
        expect(ids(await records.list(ACCOUNT, clinic, { limit: 10 }))).toBe('later stays');
        expect(await records.list(CLIENT, clinic, { limit: 10 })).toEqual([]);
        expect(await records.list(PLAIN, clinic, { limit: 10 })).toEqual([]);
      }
    });

    it('is set anew, or lifted, by a replacement', async () => {
      const { records, clinic: next } = context;
      const clinic = next();
      const expiresAt = context.now + 10;
      for (const id of ['later', 'never']) await records.insert(PLAIN, clinic, id, {}, { expiresAt });
      await records.replace(PLAIN, clinic, 'later', 1, {}, { expiresAt: expiresAt + 10 });
      expect(await records.replace(PLAIN, clinic, 'never', 1, {})).toEqual({ ok: true, record: { id: 'never', value: {}, revision: 2 } });
      context.now = expiresAt;
      expect(ids(await records.list(PLAIN, clinic, { limit: 10 }))).toBe('later never');
      context.now += 10;
      expect(ids(await records.list(PLAIN, clinic, { limit: 10 }))).toBe('never');
    });
  });
}

function walls(context: Context): void {
  it('answers many who ask at once each their own, as it is by then', async () => {
    const { records, clinic: next } = context;
    const [one, two] = [next(), next()];
    const value = (clinic: ClinicId, i: number) => ({ clinic, i });
    for (const clinic of [one, two]) for (let i = 0; i < 60; i += 2) await records.insert(PLAIN, clinic, `r${i}`, value(clinic, i));
    const asked = Array.from({ length: 1500 }, (_, n) => ({ clinic: n % 2 === 0 ? one : two, i: n % 61 }));
    const found = await Promise.all(asked.map(({ clinic, i }) => records.get(PLAIN, clinic, `r${i}`)));
    const expected = asked.map(({ clinic, i }) => (i % 2 === 0 && i < 60 ? value(clinic, i) : undefined));
    expect(found.map((record) => record?.value)).toEqual(expected);
    // What was written before someone asks is what they are told, whoever asked a moment earlier.
    const rounds = Array.from({ length: 40 }, async (_, n) => {
      const id = `w${n}`;
      const early = records.get(PLAIN, one, id);
      await records.insert(PLAIN, one, id, n);
      await early;
      expect((await records.get(PLAIN, one, id))?.value).toBe(n);
    });
    await Promise.all(rounds);
  });

  it('finds for many who ask at once what is unique, each their own', async () => {
    const { records, clinic: next } = context;
    const [one, two] = [next(), next()];
    const role = (clinic: ClinicId, i: number): string => `${clinic} ${i}`;
    for (const clinic of [one, two])
      for (let i = 0; i < 40; i += 2) await records.insert(ACCOUNT, clinic, `r${i}`, account(`${i}@x`, role(clinic, i)));
    const asked = Array.from({ length: 1500 }, (_, n) => ({ clinic: n % 2 === 0 ? one : two, i: n % 41 }));
    const found = await Promise.all(asked.map(({ clinic, i }) => records.findUnique(ACCOUNT, clinic, 'email', `${i}@x`)));
    const expected = asked.map(({ clinic, i }) => (i % 2 === 0 && i < 40 ? role(clinic, i) : undefined));
    expect(found.map((record) => record?.value.role)).toEqual(expected);
  });

  it('keeps clinics and kinds apart', async () => {
    const { records, clinic: next } = context;
    const [one, two] = [next(), next()];
    const places = [
      { kind: ACCOUNT, clinic: one, role: '1' },
      { kind: ACCOUNT, clinic: two, role: '2' },
      { kind: CLIENT, clinic: one, role: '3' },
    ];
    for (const { kind, clinic, role } of places) {
      expect(await records.insert(kind, clinic, 'a', account('a@x', role))).toMatchObject({ ok: true });
    }
    for (const { kind, clinic, role } of places) {
      expect((await records.get(kind, clinic, 'a'))?.value.role).toBe(role);
      expect((await records.findUnique(kind, clinic, 'email', 'a@x'))?.value.role).toBe(role);
      expect((await records.list(kind, clinic, { limit: 10 })).map((r) => r.value.role)).toEqual([role]);
      expect(await records.list(kind, clinic, { limit: 10, by: { name: 'role', value: role } })).toHaveLength(1);
    }
    await records.remove(ACCOUNT, one, 'a');
    expect(await records.get(ACCOUNT, two, 'a')).toBeDefined();
    expect(await records.get(CLIENT, one, 'a')).toBeDefined();
  });
}
