/** A first look at the files to import: what they hold, and in which order they can be taken. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createSlice } from '../../fhir/model/slices.ts';
import { CommandError } from '../command.ts';

export interface SurveyedFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the content: by it a file is known again, whatever it is called. */
  readonly hash: string;
  /** Resource types that occur in it. */
  readonly provides: ReadonlySet<string>;
  /** Resource types it refers to by a search (`Practitioner?identifier=…`): these have to be there before. */
  readonly needs: ReadonlySet<string>;
}

/** All files of the names given, folders with what is below them; `.json` and `.ndjson`, sorted within a folder. */
export async function filesOf(names: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of names) {
    const found = await stat(name).catch(() => undefined);
    if (!found) throw new CommandError(`${name}: no such file or folder`);
    if (!found.isDirectory()) files.push(name);
    else {
      const below = await readdir(name, { recursive: true, withFileTypes: true });
      const inside = below.filter((e) => e.isFile() && /\.(nd)?json$/i.test(e.name)).map((e) => join(e.parentPath, e.name));
      files.push(...inside.sort());
    }
  }
  return [...new Set(files)];
}

const TYPE = /"resourceType"\s*:\s*"([A-Z][A-Za-z]+)"/g;
const SEARCH = /"reference"\s*:\s*"([A-Z][A-Za-z]+)\?/g;
/** No match is longer, but for white space that nobody writes. */
const LONGEST_MATCH = 128;

export async function surveyFile(path: string): Promise<SurveyedFile> {
  const hash = createHash('sha256');
  const provides = new Set<string>();
  const needs = new Set<string>();
  const slice = createSlice();
  let bytes = 0;
  let tail = '';
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    const text = tail + chunk.toString('latin1');
    for (const [, type] of text.matchAll(TYPE)) provides.add(type as string);
    for (const [, type] of text.matchAll(SEARCH)) needs.add(type as string);
    tail = text.slice(-LONGEST_MATCH);
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return { path, bytes, hash: hash.digest('hex'), provides, needs };
}

/**
 * Files in waves: whoever refers by a search to a type comes after those that bring resources of that type. Where files
 * wait for each other, they come together; what can't be resolved yet is tried again at the end.
 */
export function inWaves(files: readonly SurveyedFile[]): SurveyedFile[][] {
  const waves: SurveyedFile[][] = [];
  let rest = files;
  while (rest.length > 0) {
    const brought = new Set(rest.flatMap((f) => [...f.provides]));
    const waits = (file: SurveyedFile): boolean => [...file.needs].some((type) => brought.has(type) && !file.provides.has(type));
    const [ready, waiting] = [rest.filter((f) => !waits(f)), rest.filter(waits)];
    waves.push(ready.length > 0 ? ready : waiting);
    rest = ready.length > 0 ? waiting : [];
  }
  return waves;
}
