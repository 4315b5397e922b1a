/** Which browser origins are those of apps. */
import type { RecordStore } from '../../records/port.ts';
import { PLATFORM } from '../accounts/records.ts';
import { OAUTH_CLIENT } from './records.ts';

/** Of an active app of any clinic: what it may read there is its token's to say. */
export const createOriginLookup =
  (records: RecordStore): ((origin: string) => Promise<boolean>) =>
  async (origin) =>
    (await records.list(OAUTH_CLIENT, PLATFORM, { by: { name: `origin ${origin}`, value: 'yes' }, limit: 1 })).length > 0;
