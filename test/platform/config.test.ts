import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from '../../src/config.ts';
import { configurationPage } from '../../tools/docs/configuration.ts';

const KEY = Buffer.alloc(32, 1).toString('base64');
const MONGO = { DATABASE_URL: 'mongodb://user:pass@db:27017/nadi?replicaSet=rs0', REDIS_URL: 'redis://cache:6379', SECRET_KEY: KEY };

describe('settings', () => {
  it('has a value for everything that has a default', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      AUTH: 'required',
      BOOTSTRAP_CLINIC: 'demo',
      CLINIC_TIME_ZONE: 'UTC',
      MLLP_PORT: 2575,
    });
    expect(config.DATA_DIR).toBe(resolve('data'));
    expect(config.database).toEqual({ kind: 'sqlite', file: resolve('data/nadi.db') });
  });

  it('keeps the database in DATA_DIR unless it is told otherwise', () => {
    expect(loadConfig({ DATA_DIR: '/srv/nadi' }).database).toEqual({ kind: 'sqlite', file: '/srv/nadi/nadi.db' });
    expect(loadConfig({ DATABASE_URL: 'sqlite:/srv/x.db' }).database).toEqual({ kind: 'sqlite', file: '/srv/x.db' });
    expect(loadConfig(MONGO).database).toEqual({ kind: 'mongodb', url: MONGO.DATABASE_URL });
  });

  it.each([
    [{ PORT: '' }, { PORT: 3000 }],
    [{ PORT: '0' }, { PORT: 0 }],
    [{ MLLP_PORT: '' }, { MLLP_PORT: 'off' }],
    [{ ROLES: 'web, mllp' }, { ROLES: ['web', 'mllp'] }],
    [{ OUTBOUND_ALLOW: '127.0.0.1,10.2.0.0/16,lab.local' }, { OUTBOUND_ALLOW: ['127.0.0.1', '10.2.0.0/16', 'lab.local'] }],
    [{ HOST: '::1' }, { HOST: '::1' }],
    [{ HOST: '10.0.0.5' }, { HOST: '10.0.0.5', AUTH: 'required' }],
    [{ HOST: '127.8.9.1' }, { HOST: '127.8.9.1' }],
    [{ CLINIC_TIME_ZONE: 'Asia/Kolkata' }, { CLINIC_TIME_ZONE: 'Asia/Kolkata' }],
  ])('reads %j', (environment, expected) => {
    expect(loadConfig(environment)).toMatchObject(expected);
  });

  it.each([
    [{ PORT: 'http' }, 'PORT was "http"; it may be a whole number from 0 to 65535'],
    [{ PORT: '65536' }, 'PORT was "65536"; it may be a whole number from 0 to 65535'],
    [{ MLLP_PORT: '-1' }, 'MLLP_PORT was "-1"; it may be a port, 0 for a free one, or empty'],
    [
      { AUTH: 'none', HOST: '0.0.0.0' },
      'HOST was "0.0.0.0"; it may be a loopback address (127.0.0.1, ::1 or localhost) as long as AUTH is none',
    ],
    [
      { AUTH: 'none', HOST: '10.0.0.5' },
      'HOST was "10.0.0.5"; it may be a loopback address (127.0.0.1, ::1 or localhost) as long as AUTH is none',
    ],
    [
      { AUTH: 'none', HOST: '127.0.0.1.evil.example' },
      'HOST was "127.0.0.1.evil.example"; it may be a loopback address (127.0.0.1, ::1 or localhost) as long as AUTH is none',
    ],
    [{ AUTH: 'off' }, 'AUTH was "off"; it may be required or none'],
    [{ BASE_URL: 'ftp://x' }, 'BASE_URL was "ftp://x"; it may be a URL that starts with http:// or https://'],
    [{ ROLES: 'web,cook' }, 'ROLES was "web,cook"; it may be a list, separated by commas, of web or worker or mllp'],
    [{ BOOTSTRAP_CLINIC: 'a b' }, 'BOOTSTRAP_CLINIC was "a b"; it may be 1 to 64 letters, digits, - and .'],
    [{ CLINIC_TIME_ZONE: 'Mars/Base' }, 'CLINIC_TIME_ZONE was "Mars/Base"; it may be the IANA name of a time zone, such as Asia/Kolkata'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL was "loud"; it may be trace or debug or info or warn or error or fatal or silent'],
    [
      { OUTBOUND_ALLOW: '10.2.0.0/16,;' },
      'OUTBOUND_ALLOW was "10.2.0.0/16,;"; it may be a list, separated by commas, of addresses, networks and host names',
    ],
    [{ TRUST_PROXY: '10.0.0.0/33' }, 'TRUST_PROXY was "10.0.0.0/33"; it may be a list, separated by commas, of addresses and networks'],
    [{ TLS_CERT: '/x.pem' }, 'TLS_CERT was "/x.pem"; it may be the path of a PEM file that can be read'],
    [{ TLS_CERT: '/etc/hostname' }, 'TLS_KEY was unset; it may be set together with the other'],
    [{ ...MONGO, REDIS_URL: undefined }, 'REDIS_URL was unset; it may be the URL of Redis, which MongoDB needs'],
    [{ ...MONGO, SECRET_KEY: undefined }, 'SECRET_KEY was unset; it may be 32 bytes in base64, the same for all processes on one MongoDB'],
    [{ SECRET_KEY: 'hunter2' }, 'SECRET_KEY was a text of 7 characters (not shown); it may be 32 bytes in base64'],
    [
      { DATABASE_URL: 'postgres://u:hunter2@h/db' },
      'DATABASE_URL was a text of 25 characters (not shown); it may be sqlite:PATH, mongodb://… or mongodb+srv://…',
    ],
  ])('refuses %j in one line', (environment, message) => {
    expect(() => loadConfig(environment)).toThrow(message);
  });

  it('takes secrets from files', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'nadi-')), 'key');
    writeFileSync(file, `${KEY}\n`);
    expect(loadConfig({ SECRET_KEY_FILE: file }).SECRET_KEY).toBe(KEY);
    expect(() => loadConfig({ SECRET_KEY_FILE: `${file}.none` })).toThrow(
      /^SECRET_KEY_FILE was ".*"; it may be the path of a file that can be read$/,
    );
  });

  it('is described in docs/configuration.md as it is', () => {
    expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationPage());
  });
});
