/** Structured logs: one JSON object a line on standard output. Never what a request carried: no URL, query, body or id. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { systemClock } from './clock.ts';

export type { Logger };

export interface Log {
  readonly logger: Logger;
  /** Writes out what is buffered; call it before the process ends. */
  flush(): void;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Lines are gathered into writes of this many characters: handing each to the stream costs as much as making it. */
const BUFFER_LENGTH = 16_384;
const FLUSH_MS = 250;
const STANDARD_OUTPUT = 1;
/** When nobody reads our output: lines beyond are dropped, so that memory stays bounded. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** A buffered logger to an open file, standard output unless told otherwise; lines wait a quarter of a second at most. */
export function createLog(level: LogLevel, fd: number = STANDARD_OUTPUT): Log {
  const destination = pino.destination({ dest: fd, sync: false, minLength: 0, maxLength: MAX_WAITING_BYTES });
  const lines = gathered(destination);
  const timer = setInterval(lines.pass, FLUSH_MS).unref();
  return {
    logger: loggerTo(level, lines),
    flush: () => {
      clearInterval(timer);
      lines.pass();
      destination.flushSync();
    },
  };
}

function gathered(destination: DestinationStream): DestinationStream & { readonly pass: () => void } {
  let waiting = '';
  const pass = (): void => {
    if (waiting === '') return;
    const lines = waiting;
    waiting = '';
    destination.write(lines);
  };
  const write = (line: string): void => {
    waiting += line;
    if (waiting.length > BUFFER_LENGTH) pass();
  };
  return { pass, write };
}

/** A logger to any stream. Errors are shown by name and place in the code: their messages may quote what a request carried. */
export function loggerTo(level: LogLevel, destination: DestinationStream): Logger {
  return pino({ level, base: null, timestamp: isoTime(), serializers: { err: plainError } }, destination);
}

/** The time of a line; its text is made once a millisecond. */
function isoTime(): () => string {
  let at = 0;
  let text = '';
  return () => {
    const now = systemClock.now();
    if (now !== at) {
      at = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}

interface PlainError {
  readonly name: string;
  readonly code?: string | number;
  readonly at: readonly string[];
}

/** Name, code and stack frames, without the message. */
function plainError(error: unknown): PlainError {
  if (typeof error !== 'object' || error === null) return { name: typeof error, at: [] };
  const { name, code, stack } = error as { name?: string; code?: string | number; stack?: string };
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: name ?? 'Error', ...(code === undefined ? {} : { code }), at: frames.map((f) => f.trim()) };
}
