/** Accounts as records: found by id, address or number, and changed under compare-and-set. */
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import { normalEmail } from './identifiers.ts';
import { ACCOUNT, PLATFORM, type Account } from './records.ts';

export type StoredAccount = StoredRecord<Account>;

export interface Accounts {
  find(id: string): Promise<StoredAccount | undefined>;
  findByEmail(email: string): Promise<StoredAccount | undefined>;
  /** The only one that has shown that the number is theirs; none where several have: a family's telephone signs nobody in. */
  findByPhone(phone: string): Promise<StoredAccount | undefined>;
  /** Undefined if the address is taken. */
  add(id: string, account: Account): Promise<StoredAccount | undefined>;
  /** Applies the change to the newest version; a change to undefined leaves it. Undefined if that was so, or nothing is there. */
  change(id: string, change: (account: Account) => Account | undefined): Promise<StoredAccount | undefined>;
}

export function createAccounts(records: RecordStore): Accounts {
  const find = (id: string): Promise<StoredAccount | undefined> => records.get(ACCOUNT, PLATFORM, id);
  return {
    find,
    findByEmail: (email) => records.findUnique(ACCOUNT, PLATFORM, 'email', normalEmail(email)),
    async findByPhone(phone) {
      const found = await records.list(ACCOUNT, PLATFORM, { by: { name: 'phone', value: phone }, limit: 100 });
      const verified = found.filter(({ value }) => value.phoneVerified === true);
      return verified.length === 1 ? verified[0] : undefined;
    },
    async add(id, account) {
      const written = await records.insert(ACCOUNT, PLATFORM, id, account);
      return written.ok ? written.record : undefined;
    },
    async change(id, change) {
      for (;;) {
        const found = await find(id);
        const changed = found && change(found.value);
        if (!found || !changed) return undefined;
        const written = await records.replace(ACCOUNT, PLATFORM, id, found.revision, changed);
        if (written.ok) return written.record;
      }
    },
  };
}
