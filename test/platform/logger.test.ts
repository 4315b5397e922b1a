import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, loggerTo } from '../../src/platform/logger.ts';

describe('logs', () => {
  it('writes one JSON object a line, all of them once flushed', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'nadi-')), 'log');
    const log = createLog('info', openSync(file, 'w'));
    for (let i = 0; i < 1000; i++) log.logger.info({ i }, 'counted');
    log.logger.debug('not at this level');
    log.flush();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1000);
    expect(JSON.parse(lines[999]!)).toMatchObject({ level: 30, i: 999, msg: 'counted', time: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('shows of an error where it was thrown and its code, but not its message, which may quote a patient', () => {
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
