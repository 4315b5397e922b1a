/** Structured logs: one JSON object a line on standard output. Never what a request carried: no URL, query, body or id. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { systemClock } from './clock.ts';
import { createLineWriter } from './line-writer.ts';

export type { Logger };

export interface Log {
  readonly logger: Logger;
  /** Writes out what is buffered; await it before the process ends. */
  flush(): Promise<void>;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/**
 * A buffered logger to an open file, standard output unless told otherwise. Asking for `process.stdout` makes a pipe there
 * non-blocking: then a reader that stalls holds no thread.
 */
export function createLog(level: LogLevel, fd: number = process.stdout.fd): Log {
  const lines = createLineWriter({
    fd,
    onDropped: (dropped) => logger.warn({ dropped }, 'lines of this log were dropped: nobody read them'),
  });
  const logger = loggerTo(level, lines);
  return { logger, flush: () => lines.flush() };
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
