import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPasswordHasher, OWASP, type PasswordHasher } from '../../src/smart-auth/accounts/passwords/hasher.ts';
import { isCommon } from '../../src/smart-auth/accounts/passwords/common.ts';
import { assertGoodPassword } from '../../src/smart-auth/accounts/passwords/rules.ts';

describe('hashes', () => {
  let hasher: PasswordHasher;
  beforeAll(() => {
    hasher = createPasswordHasher({ threads: 2 });
  });
  afterAll(() => hasher.close());

  it('are Argon2id with what OWASP asks for, salted', async () => {
    const [one, two] = await Promise.all([hasher.hash('lantern'), hasher.hash('lantern')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await Promise.all([hasher.verify('lantern', one), hasher.verify('Lantern', one), hasher.verify('lantern', undefined)])).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('match what is typed alike: composed or not', async () => {
    expect(await hasher.verify('cafe\u0301', await hasher.hash('caf\u00e9'))).toBe(true);
  });

  it('that are none match nothing, and count as weak', async () => {
    expect([await hasher.verify('x', 'plain'), hasher.isWeak('plain')]).toEqual([false, true]);
  });

  it('of less work are weak', async () => {
    const strong = createPasswordHasher({ parameters: { ...OWASP, timeCost: 3 }, threads: 1 });
    expect([strong.isWeak(await hasher.hash('x')), hasher.isWeak(await hasher.hash('x'))]).toEqual([true, false]);
    await strong.close();
  });

  it('leave the event loop free', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const hashed = Promise.all(Array.from({ length: 8 }, () => hasher.hash('x')));
    await hashed;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(8);
  });

  it('wait in line, and beyond that are refused as unavailable', async () => {
    const small = createPasswordHasher({ threads: 1, maxWaiting: 3 });
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => small.hash('x')));
    const refused = asked.filter((a) => a.status === 'rejected');
    expect(asked.filter((a) => a.status === 'fulfilled').length).toBeGreaterThanOrEqual(3);
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(refused[0]).toMatchObject({ reason: { status: 503, retryAfter: 5 } });
    await small.close();
    await expect(small.hash('x')).rejects.toMatchObject({ status: 503 });
  });
});

describe('passwords', () => {
  const owner = { email: 'asha.menon@x.test', name: 'Asha Menon' };
  const refused = (password: string): boolean => {
    try {
      assertGoodPassword(password, owner);
      return false;
    } catch {
      return true;
    }
  };

  it.each([
    'short7!',
    'password',
    'PASSWORD1',
    'p@ssw0rd',
    'iloveyou123',
    'qwerty@2024',
    'ganesha108',
    '1234 5678',
    'zzzzzzzzzzzz',
    'asha.menon@x.test',
    'asha.menon1',
    'AshaMenon!!',
    'Asha Menon 1990',
  ])('refuses %s', (password) => expect(refused(password)).toBe(true));

  it.each(['seven ate nine pears', 'rZ4#kkQw', 'passwords-are-a-nuisance', 'x'.repeat(60) + 'abcdefgh', 'मेरा गुप्त वाक्य'])(
    'takes %s',
    (password) => expect(refused(password)).toBe(false),
  );

  it('is counted in characters, up to 128', () => {
    expect([refused('ab😀c'.repeat(32)), refused(`${'ab😀c'.repeat(32)}d`)]).toEqual([false, true]);
  });

  it('has a list of more than a thousand that are tried first', () => {
    expect(['sunshine12', 'dragon!', 'football2025', 'bharat1', '1q2w3e4r'].every(isCommon)).toBe(true);
  });
});
