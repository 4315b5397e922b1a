/** For development: messages become files in a folder, readable for its owner only. Whoever reads it can sign in as anyone. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageSender } from './port.ts';
import { textOf } from './templates.ts';

/** The folder is made with the first message; names sort by time. */
export function createOutbox(folder: string, newId: () => string): MessageSender {
  return {
    channels: new Set(['email', 'sms', 'whatsapp']),
    async send(message) {
      const { subject, body } = textOf(message);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${newId()}.json`);
      await writeFile(`${file}.part`, JSON.stringify({ ...message, subject, body }, null, 2), { mode: 0o600 });
      await rename(`${file}.part`, file);
    },
    close: () => Promise.resolve(),
  };
}

/** Counts the messages to any of the addresses, and removes them if `remove`. A folder that isn't there has none. */
export async function messagesTo(
  folder: string,
  addresses: ReadonlySet<string>,
  { remove }: { readonly remove: boolean },
): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let count = 0;
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (!addresses.has(addressIn(text))) continue;
    count += 1;
    if (remove) await rm(join(folder, name), { force: true });
  }
  return count;
}

/** Of one that was cut off while it was written, nothing. */
function addressIn(text: string): string {
  try {
    return (JSON.parse(text) as { readonly to: string }).to;
  } catch {
    return '';
  }
}
