/** Lines to an open file, whole and in the order they came: one write is under way at a time, and a bounded number wait. */
import { write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface LineWriter {
  /** Takes a line with its end; lines wait a quarter of a second at most. */
  write(line: string): void;
  /** Resolves once all that was given is written, or after `PATIENCE_MS` if nobody takes it. Keeps the process alive so long. */
  flush(): Promise<void>;
}

export interface LineWriterOptions {
  readonly fd: number;
  /** Told how many lines were dropped because nobody read, once there is room again. */
  readonly onDropped: (lines: number) => void;
}

/** Lines are gathered into writes of this many characters: handing each to the system costs as much as making it. */
const GATHERED = 16_384;
const GATHER_MS = 250;
/** Characters; lines beyond are dropped, so that memory stays bounded when nobody reads. */
const MAX_WAITING = 16 * 1024 * 1024;
/** A pipe that is full, a disk that is: after it the write is tried again. */
const RETRY_MS = 20;
const PATIENCE_MS = 2000;

const writeSome = promisify(write);

export function createLineWriter({ fd, onDropped }: LineWriterOptions): LineWriter {
  let gathered = '';
  let waiting = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  const queue = createQueue(fd, (written, left) => {
    waiting -= written.length;
    if (left > 0 || dropped === 0) return;
    onDropped(dropped);
    dropped = 0;
  });
  const pass = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered !== '') queue.add(gathered);
    gathered = '';
  };
  return {
    write(line) {
      if (waiting + line.length > MAX_WAITING) {
        dropped += 1;
        return;
      }
      waiting += line.length;
      gathered += line;
      if (gathered.length > GATHERED) pass();
      else timer ??= setTimeout(pass, GATHER_MS).unref();
    },
    async flush() {
      pass();
      const patience = new AbortController();
      await Promise.race([queue.idle(), delay(PATIENCE_MS, undefined, { signal: patience.signal })]);
      patience.abort();
    },
  };
}

interface Queue {
  add(text: string): void;
  /** Resolves once nothing is queued or under way. */
  idle(): Promise<void>;
}

/** Texts that are written one after another. `onWritten` is told of each, and how many are left. */
function createQueue(fd: number, onWritten: (text: string, left: number) => void): Queue {
  const texts: string[] = [];
  let draining: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    for (let text = texts.shift(); text !== undefined; text = texts.shift()) {
      await writeWhole(fd, Buffer.from(text));
      onWritten(text, texts.length);
    }
    draining = undefined;
  };
  return {
    add(text) {
      texts.push(text);
      draining ??= drain();
    },
    idle: () => draining ?? Promise.resolve(),
  };
}

/** Tried until it is done. Only when the reader is gone it is given up: there will be no other. */
async function writeWhole(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += (await writeSome(fd, bytes, at)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return;
      await delay(RETRY_MS, undefined, { ref: false });
    }
  }
}
