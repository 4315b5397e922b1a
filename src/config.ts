/** All settings, and the only reader of the environment. `docs/configuration.md` is generated from this table. */
import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { isClinicId } from './fhir/model/ids.ts';
import {
  integer,
  listOf,
  oneOf,
  readSettings,
  SettingError,
  text,
  url,
  type Environment,
  type Form,
  type Values,
} from './platform/settings.ts';

const DATABASE_FORM: Form<string> = {
  allowed: 'sqlite:PATH, mongodb://… or mongodb+srv://…',
  read: (value) => (/^sqlite:./.test(value) || /^mongodb(\+srv)?:\/\/./.test(value) ? value : undefined),
};

const ZONE_FORM = text('the IANA name of a time zone, such as Asia/Kolkata', (value) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
});

/** An address, or a network such as 10.2.0.0/16. */
const isNetwork = (value: string): boolean => {
  const [address = '', bits, ...rest] = value.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
};
const isHostName = (value: string): boolean => /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value);

const KEY_FORM = text('32 bytes in base64', (value) => /^[A-Za-z0-9+/]{43}=$/.test(value));
const PATH_FORM = text('the path of a PEM file that can be read', (value) => {
  try {
    accessSync(value, constants.R_OK);
    return true;
  } catch {
    return false;
  }
});
const PORT_OR_NONE: Form<number | 'off'> = {
  allowed: 'a port, 0 for a free one, or empty',
  read: (v) => (v === '' ? 'off' : integer(0, 65_535).read(v)),
};
const SOME_TEXT = text('any text');

export const SETTINGS = {
  HOST: {
    form: text('an address or host name', (v) => isIP(v) !== 0 || isHostName(v)),
    default: '127.0.0.1',
    meaning: 'Address that HTTP listens on.',
  },
  PORT: { form: integer(0, 65_535), default: '3000', meaning: 'Port that HTTP listens on; `0` picks a free one.' },
  BASE_URL: {
    form: url('http:', 'https:'),
    defaultNote: 'from HOST and PORT',
    meaning:
      'The public address: used in `Location`, `fullUrl` and links; the issuer of tokens. Without it, tokens end with a change of HOST or PORT.',
  },
  DATA_DIR: { form: text('the path of a folder'), default: './data', meaning: 'Everything the embedded profile keeps.' },
  DATABASE_URL: {
    form: DATABASE_FORM,
    defaultNote: '`sqlite:DATA_DIR/nadi.db`',
    secret: true,
    meaning: 'Where resources and records are kept: a SQLite file, or MongoDB (a replica set or a mongos).',
  },
  REDIS_URL: { form: url('redis:', 'rediss:'), secret: true, meaning: 'Redis; required with MongoDB. `/readyz` asks whether it answers.' },
  ROLES: {
    form: listOf(oneOf('web', 'worker', 'mllp')),
    default: 'web,worker,mllp',
    meaning: 'Which parts this process runs.',
    later: true,
  },
  MLLP_PORT: {
    form: PORT_OR_NONE,
    default: '2575',
    emptyCounts: true,
    meaning: 'HL7 v2; `0` picks a free port, empty turns it off.',
    later: true,
  },
  SECRET_KEY: {
    form: KEY_FORM,
    defaultNote: 'made and kept in DATA_DIR in the embedded profile; required with MongoDB',
    secret: true,
    meaning: 'Root of the encryption keys.',
  },
  BOOTSTRAP_ADMIN_EMAIL: {
    form: text('an e-mail address', (v) => /^[^@\s]+@[^@\s]+$/.test(v)),
    default: 'admin@nadi.local',
    meaning: 'The first SUPER_ADMIN.',
  },
  BOOTSTRAP_ADMIN_PASSWORD: {
    form: SOME_TEXT,
    defaultNote: 'generated and printed once',
    secret: true,
    meaning: 'Password of the first SUPER_ADMIN.',
  },
  BOOTSTRAP_CLINIC: { form: text('1 to 64 letters, digits, - and .', isClinicId), default: 'demo', meaning: 'The id of the first clinic.' },
  BOOTSTRAP_CLIENT_ID: { form: SOME_TEXT, meaning: 'With the secret: a confidential client registered at the first start.' },
  BOOTSTRAP_CLIENT_SECRET: { form: SOME_TEXT, secret: true, meaning: 'The secret of that client.' },
  AUTH: {
    form: oneOf('required', 'none'),
    default: 'required',
    meaning: '`none` serves every request as a system client of the bootstrap clinic; refused unless HOST is a loopback address.',
  },
  OUTBOUND_ALLOW: {
    form: listOf(text('addresses, networks and host names', (v) => isNetwork(v) || isHostName(v))),
    meaning: 'Private hosts and networks that outgoing calls may reach all the same.',
  },
  MLLP_DEFAULT_CLINIC: {
    form: text('1 to 64 letters, digits, - and .', isClinicId),
    meaning: 'The clinic that takes HL7 v2 messages of unknown senders.',
    later: true,
  },
  CLINIC_TIME_ZONE: {
    form: ZONE_FORM,
    default: 'UTC',
    meaning: 'The zone of dates without one, in the bootstrap clinic. Reindex after a change.',
  },
  TLS_CERT: { form: PATH_FORM, meaning: 'Certificate chain; with TLS_KEY, HTTP is served over TLS.' },
  TLS_KEY: { form: PATH_FORM, meaning: 'The private key of TLS_CERT.' },
  MLLP_TLS_CERT: { form: PATH_FORM, meaning: 'Certificate chain for HL7 v2.', later: true },
  MLLP_TLS_KEY: { form: PATH_FORM, meaning: 'The private key of MLLP_TLS_CERT.', later: true },
  MLLP_TLS_CA: { form: PATH_FORM, meaning: 'Authorities whose certificates HL7 v2 senders must have.', later: true },
  TRUST_PROXY: {
    form: listOf(text('addresses and networks', isNetwork)),
    meaning: 'Proxies whose `Forwarded` or `X-Forwarded-For` is believed: rate limits and the audit trail go by the address it names.',
  },
  SMTP_URL: {
    form: url('smtp:', 'smtps:'),
    secret: true,
    meaning: 'Where e-mail is handed over; unset, messages become files in DATA_DIR/outbox: for development.',
  },
  MAIL_FROM: {
    form: text('an e-mail address, with or without a name before it', (v) => /^([^<>]*<)?[^@\s<>]+@[^@\s<>]+>?$/.test(v)),
    default: 'Nadi <nadi@localhost>',
    meaning: 'The sender of e-mail.',
  },
  CORS_ORIGINS: { form: listOf(url('http:', 'https:')), meaning: 'Further browser origins beside those of registered apps.' },
  OTEL_EXPORTER_OTLP_ENDPOINT: { form: url('http:', 'https:'), meaning: 'An OTLP/HTTP collector that traces are sent to.' },
  LOG_LEVEL: {
    form: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    meaning: 'Structured JSON on standard output; never PHI.',
  },
} as const;

export type Database = { readonly kind: 'sqlite'; readonly file: string } | { readonly kind: 'mongodb'; readonly url: string };

export interface Config extends Omit<Values<typeof SETTINGS>, 'DATABASE_URL'> {
  readonly database: Database;
}

/** Reads and checks all settings. Throws SettingError, whose message is the one line to show. */
export function loadConfig(environment: Environment = process.env): Config {
  const { DATABASE_URL, ...settings } = readSettings(SETTINGS, environment);
  const dataDir = resolve(settings.DATA_DIR);
  const config = { ...settings, DATA_DIR: dataDir, database: databaseOf(DATABASE_URL ?? `sqlite:${join(dataDir, 'nadi.db')}`) };
  checkTogether(config);
  return config;
}

const databaseOf = (databaseUrl: string): Database =>
  databaseUrl.startsWith('sqlite:')
    ? { kind: 'sqlite', file: resolve(databaseUrl.slice('sqlite:'.length)) }
    : { kind: 'mongodb', url: databaseUrl };

/** What one setting asks of another. */
function checkTogether(config: Config): void {
  if (config.AUTH === 'none' && !isLoopback(config.HOST)) {
    throw new SettingError('HOST', JSON.stringify(config.HOST), 'a loopback address (127.0.0.1, ::1 or localhost) as long as AUTH is none');
  }
  if (config.database.kind === 'mongodb' && !config.REDIS_URL)
    throw new SettingError('REDIS_URL', 'unset', 'the URL of Redis, which MongoDB needs');
  if (config.database.kind === 'mongodb' && !config.SECRET_KEY) {
    throw new SettingError('SECRET_KEY', 'unset', '32 bytes in base64, the same for all processes on one MongoDB');
  }
  if (Boolean(config.BOOTSTRAP_CLIENT_ID) !== Boolean(config.BOOTSTRAP_CLIENT_SECRET))
    throw new SettingError(
      config.BOOTSTRAP_CLIENT_ID ? 'BOOTSTRAP_CLIENT_SECRET' : 'BOOTSTRAP_CLIENT_ID',
      'unset',
      'set together with the other',
    );
  if (Boolean(config.TLS_CERT) !== Boolean(config.TLS_KEY))
    throw new SettingError(config.TLS_CERT ? 'TLS_KEY' : 'TLS_CERT', 'unset', 'set together with the other');
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
