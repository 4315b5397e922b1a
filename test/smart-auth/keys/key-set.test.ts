import { afterEach, expect, it } from '@jest/globals';
import { createSealer } from '../../../src/platform/seal.ts';
import { PLATFORM } from '../../../src/smart-auth/accounts/records.ts';
import { createSigningKeys } from '../../../src/smart-auth/keys/key-set.ts';
import { KEY_SET } from '../../../src/smart-auth/keys/records.ts';
import { onEachRecordStore, type TestRecords } from '../../api/set-up.ts';
import { movableClock } from '../clock.ts';

const sealer = createSealer([Buffer.alloc(32, 1)], 'signing-keys');

onEachRecordStore('signing keys', (open) => {
  let opened: TestRecords | undefined;
  afterEach(() => opened?.dispose());

  const start = async () => {
    const clock = movableClock();
    opened = await open(clock);
    const deps = { records: opened.records, sealer, clock };
    return { clock, records: opened.records, process: () => createSigningKeys(deps) };
  };

  it('are made once, however many processes start at once', async () => {
    const { process } = await start();
    const kids = await Promise.all(Array.from({ length: 4 }, async () => (await process().signer('ES256')).kid));
    expect(new Set(kids).size).toBe(1);
  });

  it('are published without their private parts, which are kept sealed', async () => {
    const { process, records } = await start();
    const published = await process().published();
    expect(published.map((k) => [k.alg, k.kty, k.use])).toEqual([
      ['ES256', 'EC', 'sig'],
      ['RS256', 'RSA', 'sig'],
    ]);
    expect(published.some((k) => 'd' in k)).toBe(false);
    const kept = await records.get(KEY_SET, PLATFORM, 'current');
    expect(JSON.stringify(kept)).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
  });

  it('a new key signs after a rotation, also in processes that run, and the old one stays until its tokens have ended', async () => {
    const { clock, process } = await start();
    const [one, two] = [process(), process()];
    const old = (await two.signer('ES256')).kid;
    const made = await one.rotate();
    expect(made).toContain((await one.signer('ES256')).kid);
    clock.advance(2000);
    expect((await two.signer('ES256')).kid).toBe((await one.signer('ES256')).kid);
    expect(await two.verifier(old, 'ES256')).toBeDefined();
    expect(await two.published()).toHaveLength(4);
    clock.advance(3600_000 + 6 * 60_000);
    expect(await two.verifier(old, 'ES256')).toBeUndefined();
    expect(await two.published()).toHaveLength(2);
  });

  it('a key made a second ago by another process is found', async () => {
    const { clock, process } = await start();
    const [one, two] = [process(), process()];
    await two.signer('ES256');
    clock.advance(600);
    await one.rotate();
    expect(await two.verifier((await one.signer('ES256')).kid, 'ES256')).toBeDefined();
  });

  it('a key is of one algorithm only', async () => {
    const { process } = await start();
    const keys = process();
    const { kid } = await keys.signer('RS256');
    expect(await keys.verifier(kid, 'ES256')).toBeUndefined();
    expect(await keys.verifier('../../etc/passwd', 'ES256')).toBeUndefined();
  });

  it('what another SECRET_KEY sealed is told, not replaced', async () => {
    const { process, records, clock } = await start();
    await process().signer('ES256');
    const stranger = createSigningKeys({ records, clock, sealer: createSealer([Buffer.alloc(32, 2)], 'signing-keys') });
    await expect(stranger.signer('ES256')).rejects.toThrow('SECRET_KEY');
  });
});
