import { describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectoryError, lockDataDirectory } from '../../src/operation/data-directory.ts';
import { secretKey } from '../../src/operation/secret-key.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'nadi-'));

describe('the data directory', () => {
  it('is made for its owner only', () => {
    const path = join(folder(), 'a', 'b');
    const directory = lockDataDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'nadi.lock')).mode & 0o077).toBe(0);
    directory.release();
  });

  it('is one process at a time', () => {
    const path = folder();
    const first = lockDataDirectory(path);
    expect(() => lockDataDirectory(path)).toThrow(`another nadi is using the data directory ${path}: stop it, or set DATA_DIR to another`);
    first.release();
    lockDataDirectory(path).release();
  });

  it('says what is wrong with one that cannot be used', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(() => lockDataDirectory(join(file, 'data'))).toThrow(/can't be used \(ENOTDIR\)/);
    expect(() => lockDataDirectory(`/tmp/${'x'.repeat(120)}`)).toThrow(DataDirectoryError);
  });
});

describe('the secret key', () => {
  it('is the one given', () => {
    expect(Buffer.from(secretKey(Buffer.alloc(32, 5).toString('base64'), folder()))).toEqual(Buffer.alloc(32, 5));
  });

  it('is made once, readable for its owner only', () => {
    const path = folder();
    const made = secretKey(undefined, path);
    expect(made).toHaveLength(32);
    expect(secretKey(undefined, path)).toEqual(made);
    expect(statSync(join(path, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(secretKey(undefined, folder())).not.toEqual(made);
  });

  it('is not made anew over one that is broken', () => {
    const path = folder();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'secret.key'), 'short');
    expect(() => secretKey(undefined, path)).toThrow(/doesn't hold 32 bytes/);
  });
});
