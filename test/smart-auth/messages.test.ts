/** Messages as they leave: by SMTP to a real server, and into the development outbox. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { createErrands, ERRAND } from '../../src/smart-auth/messages/errands.ts';
import { createOutbox } from '../../src/smart-auth/messages/outbox.ts';
import type { Message, MessageSender } from '../../src/smart-auth/messages/port.ts';
import { createSmtpSender } from '../../src/smart-auth/messages/smtp.ts';
import { textOf } from '../../src/smart-auth/messages/templates.ts';
import { PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { onEachRecordStore } from '../api/set-up.ts';

const code = (to: string, language: 'en' | 'hi' = 'en'): Message => ({
  to,
  channel: 'email',
  template: 'code',
  language,
  values: { code: '123456', minutes: '10' },
});

const closing: (() => Promise<unknown>)[] = [];
/** The last first: a server waits for those who are connected. */
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function mailServer(accepts: (user: string, password: string) => boolean) {
  const received: { readonly to: readonly string[]; readonly text: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      accepts(username ?? '', password ?? '') ? done(null, { user: username ?? '' }) : done(new Error('no')),
    onData: (stream, { envelope }, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        received.push({ to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(parts).toString() });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, received };
}

describe('SMTP', () => {
  it('signs in with the user and password of the URL, and sends in both languages', async () => {
    const { port, received } = await mailServer((user, password) => user === 'nadi@x' && password === 'p:w/d');
    const sender = createSmtpSender({ url: `smtp://nadi%40x:p%3Aw%2Fd@127.0.0.1:${port}`, from: 'Nadi <no-reply@nadi.test>' });
    closing.push(sender.close);
    await sender.send(code('asha@x.test'));
    await sender.send(code('ravi@x.test', 'hi'));
    expect(received.map(({ to }) => to)).toEqual([['asha@x.test'], ['ravi@x.test']]);
    expect(received[0]?.text).toContain('Your code is 123456');
    expect(received[0]?.text).toContain('From: Nadi <no-reply@nadi.test>');
    expect(Buffer.from(received[1]?.text.split('\r\n\r\n')[1] ?? '', 'base64').toString()).toContain('123456');
  });

  it('sends to one address, whatever stands in it', async () => {
    const { port, received } = await mailServer(() => true);
    const sender = createSmtpSender({ url: `smtp://127.0.0.1:${port}`, from: 'no-reply@nadi.test' });
    closing.push(sender.close);
    await sender.send(code('asha@x.test, eve@x.test')).catch(() => undefined);
    await sender.send(code('asha@x.test\r\nBcc: eve@x.test')).catch(() => undefined);
    expect(received.flatMap(({ to }) => to)).not.toContain('eve@x.test');
  });

  it('a refused sign-in, or no server, is told', async () => {
    const { port } = await mailServer(() => false);
    const sender = createSmtpSender({ url: `smtp://a:b@127.0.0.1:${port}`, from: 'no-reply@nadi.test' });
    closing.push(sender.close);
    await expect(sender.send(code('asha@x.test'))).rejects.toThrow();
    const nobody = createSmtpSender({ url: 'smtp://127.0.0.1:1', from: 'no-reply@nadi.test' });
    closing.push(nobody.close);
    await expect(nobody.send(code('asha@x.test'))).rejects.toThrow();
  });
});

describe('the outbox', () => {
  it('keeps messages as files that only their owner reads', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nadi-outbox-'));
    closing.push(() => rm(folder, { recursive: true }));
    const outbox = createOutbox(join(folder, 'outbox'), () => 'm-1');
    await outbox.send(code('asha@x.test'));
    expect(await readdir(join(folder, 'outbox'))).toEqual(['m-1.json']);
    const file = join(folder, 'outbox', 'm-1.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ to: 'asha@x.test', values: { code: '123456' } });
    expect((await stat(file)).mode & 0o077).toBe(0);
  });
});

describe('templates', () => {
  it('a message with a hole, or of no template, is none', () => {
    expect(() => textOf({ ...code('a@x.test'), values: { code: '1' } })).toThrow('needs a value minutes');
    expect(() => textOf({ ...code('a@x.test'), template: 'none' })).toThrow('no message template');
  });
});

onEachRecordStore('errands', (open) => {
  it('are tried again with a back-off while the sender is away, and no two processes send one', async () => {
    let now = Date.UTC(2200, 0, 1);
    const clock = { now: () => now };
    const { records, dispose } = await open(clock);
    closing.push(dispose);
    let away = true;
    const sent: string[] = [];
    const warned: number[] = [];
    const sender: MessageSender = {
      channels: new Set(['email']),
      async send({ to }) {
        if (away) throw new Error(`no way to ${to}`);
        sent.push(to);
      },
      close: () => Promise.resolve(),
    };
    let count = 0;
    const deps = {
      records,
      clock,
      newId: () => `e-${(count += 1)}`,
      sender,
      log: { warn: ({ attempts }: { attempts: number }) => void warned.push(attempts) },
    };
    const prepare = { code: async ({ to }: { to: string }) => code(to) };
    const [one, two] = [createErrands(deps), createErrands(deps)];
    one.start(prepare);
    two.start(prepare);
    closing.unshift(one.close, two.close);
    await one.order({ purpose: 'code', channel: 'email', to: 'asha@x.test' }, 60 * 60 * 1000);
    await one.idle();
    expect([sent, warned]).toEqual([[], [1]]);
    const sweep = async (): Promise<void> => {
      for (const errands of [one, two]) errands.start(prepare);
      await Promise.all([one.idle(), two.idle()]);
    };
    await sweep();
    expect(warned).toEqual([1]);
    now += 30_000;
    await sweep();
    expect(warned).toEqual([1, 2]);
    away = false;
    now += 60_000;
    await sweep();
    expect(sent).toEqual(['asha@x.test']);
    expect(await records.list(ERRAND, PLATFORM, { limit: 10 })).toEqual([]);
  });

  it('whose records are away are sent once these are back, by one of two processes, and once', async () => {
    let now = Date.UTC(2200, 0, 1);
    const clock = { now: () => now };
    const { records, dispose } = await open(clock);
    closing.push(dispose);
    const away = { list: true, replace: true };
    const unsteady: typeof records = {
      ...records,
      list: (...args) => (away.list ? Promise.reject(new Error('away')) : records.list(...args)),
      replace: (...args) => (away.replace ? Promise.reject(new Error('away')) : records.replace(...args)),
    };
    const sent: string[] = [];
    const sender: MessageSender = {
      channels: new Set(['email']),
      send: async ({ to }) => void sent.push(to),
      close: () => Promise.resolve(),
    };
    let count = 0;
    const deps = { records: unsteady, clock, newId: () => `e-${(count += 1)}`, sender, log: { warn: () => undefined } };
    const processes = [createErrands(deps), createErrands(deps)];
    closing.unshift(...processes.map(({ close }) => close));
    const sweep = async (): Promise<void> => {
      for (const errands of processes) errands.start({ code: async ({ to }) => code(to) });
      await Promise.all(processes.map((errands) => errands.idle()));
    };
    await sweep();
    const names = Array.from({ length: 20 }, (_, i) => `person-${i}@x.test`);
    for (const [i, to] of names.entries()) await processes[i % 2]?.order({ purpose: 'code', channel: 'email', to }, 60 * 60 * 1000);
    await Promise.all(processes.map((errands) => errands.idle()));
    for (const back of ['list', 'replace'] as const) {
      expect(sent).toEqual([]);
      away[back] = false;
      now += 30_000;
      await sweep();
    }
    expect(sent.toSorted()).toEqual(names.toSorted());
    expect(await records.list(ERRAND, PLATFORM, { limit: 10 })).toEqual([]);
  });
});
