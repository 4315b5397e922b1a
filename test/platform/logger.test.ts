import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { createLog, loggerTo } from '../../src/platform/logger.ts';

describe('logs', () => {
  it('writes one JSON object a line, all of them once flushed', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'nadi-')), 'log');
    const log = createLog('info', openSync(file, 'w'));
    for (let i = 0; i < 1000; i++) log.logger.info({ i }, 'counted');
    log.logger.debug('not at this level');
    await log.flush();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1000);
    expect(JSON.parse(lines[999]!)).toMatchObject({ level: 30, i: 999, msg: 'counted', time: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('keeps the order, whatever is under way when it is flushed', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'nadi-')), 'log');
    const log = createLog('info', openSync(file, 'w'));
    const numbers = Array.from({ length: 20_000 }, (_, i) => i);
    for (const i of numbers) {
      log.logger.info({ i });
      if (i % 997 === 0) await setImmediate();
      if (i % 4999 === 0) void log.flush();
    }
    await log.flush();
    expect(numbersIn(readFileSync(file, 'utf8'))).toEqual(numbers);
  });

  it.each([
    ['that never blocks', constants.O_NONBLOCK],
    ['that blocks', 0],
  ])('waits for a slow reader of a pipe %s, and goes on meanwhile', async (_how, flag) => {
    const { reader, writer } = openPipe(flag);
    const log = createLog('info', writer);
    const numbers = Array.from({ length: 5000 }, (_, i) => i);
    // Much more than a pipe holds, and nobody reads yet: if any of it blocked, this test would not end.
    for (const i of numbers) log.logger.info({ i });
    await setImmediate();
    const reading = readUntil(reader, numbers.length);
    await log.flush();
    expect(numbersIn(await reading)).toEqual(numbers);
  });

  it('drops whole lines beyond a bound while nobody reads, and says how many', async () => {
    const { reader, writer } = openPipe(constants.O_NONBLOCK);
    const log = createLog('info', writer);
    const filler = 'x'.repeat(100_000);
    for (let i = 0; i < 200; i++) log.logger.info({ i, filler });
    const text = await readUntil(reader, ({ lines, last }) => last.includes('dropped') || lines > 200);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { i?: number; dropped?: number });
    const { dropped } = lines.at(-1)!;
    expect(dropped).toBeGreaterThan(0);
    expect(lines.slice(0, -1).map(({ i }) => i)).toEqual(Array.from({ length: 200 - dropped! }, (_, i) => i));
  });

  it('gives up flushing when nobody reads, and once the reader is gone', async () => {
    const { reader, writer } = openPipe(constants.O_NONBLOCK);
    const log = createLog('info', writer);
    for (let i = 0; i < 5000; i++) log.logger.info({ i });
    await log.flush();
    closeSync(reader);
    log.logger.info('for nobody');
    await log.flush();
  });

  it('L1: shows of an error where it was thrown and its code, but not its message, which may quote a patient', () => {
    const lines: string[] = [];
    const error = Object.assign(new TypeError('cannot read Peter Chalmers'), { code: 'E_X' });
    loggerTo('info', { write: (line: string) => void lines.push(line) }).error({ err: error }, 'request failed');
    expect(lines.join('')).not.toContain('Chalmers');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      err: { name: 'TypeError', code: 'E_X', at: expect.arrayContaining([expect.stringContaining('logger.test.ts')]) },
    });
  });

  it('takes anything that was thrown', () => {
    const lines: string[] = [];
    const logger = loggerTo('info', { write: (line: string) => void lines.push(line) });
    for (const thrown of ['text with a name', 7, null, { some: 'object' }]) logger.error({ err: thrown }, 'failed');
    expect(lines.map((l) => (JSON.parse(l) as { err: { name: string } }).err.name)).toEqual(['string', 'number', 'object', 'Error']);
  });
});

const numbersIn = (text: string): number[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { i: number }).i);

/** A pipe of the system; the reader never blocks. */
function openPipe(flag: number): { readonly reader: number; readonly writer: number } {
  const path = join(mkdtempSync(join(tmpdir(), 'nadi-')), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | flag) };
}

type Enough = (read: { readonly lines: number; readonly last: string }) => boolean;

/** Reads a little at a time. */
async function readUntil(reader: number, enough: number | Enough): Promise<string> {
  const isEnough: Enough = typeof enough === 'number' ? ({ lines }) => lines >= enough : enough;
  const chunk = Buffer.alloc(65_536);
  const chunks: string[] = [];
  for (let lines = 0; ;) {
    const read = readNow(reader, chunk);
    chunks.push(read);
    lines += read.split('\n').length - 1;
    if (read.endsWith('\n') && isEnough({ lines, last: read.slice(-1000) })) return chunks.join('');
    await setTimeout(1);
  }
}

function readNow(reader: number, chunk: Buffer): string {
  try {
    return chunk.toString('latin1', 0, readSync(reader, chunk));
  } catch {
    return '';
  }
}
