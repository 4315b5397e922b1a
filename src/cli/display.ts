/** What a command's events look like: the report on standard output, how far it is on standard error. */
import { Presets, SingleBar } from 'cli-progress';
import type { CommandEvent } from './command.ts';

export interface Display {
  show(event: CommandEvent): void;
  /** What the process ends with. */
  exitCode(): number;
}

export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WriteStream;
}

/** A bar on a terminal; nothing in its place in a file or a pipe. */
export function createDisplay({ out, err }: Streams): Display {
  const bar = err.isTTY
    ? new SingleBar({ stream: err, format: '{bar} {percentage}% | {note}', hideCursor: true }, Presets.shades_classic)
    : undefined;
  let started = false;
  let code = 1;
  const progress = (done: number, total: number, note: string): void => {
    if (!started) bar?.start(total, done, { note });
    else bar?.update(done, { note });
    started = true;
  };
  const end = (ok: boolean, error: string | undefined): void => {
    bar?.stop();
    if (error !== undefined) err.write(`${error}\n`);
    code = ok ? 0 : 1;
  };
  return {
    show(event) {
      if (event.kind === 'line') {
        bar?.stop();
        started = false;
        out.write(`${event.text}\n`);
      } else if (event.kind === 'progress') progress(event.done, event.total, event.note);
      else end(event.ok, event.error);
    },
    exitCode: () => code,
  };
}
