/** For development: messages become files in a folder, readable for its owner only. Whoever reads it can sign in as anyone. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
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
