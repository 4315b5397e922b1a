/** E-mail by SMTP: https://www.rfc-editor.org/rfc/rfc5321 */
import { createTransport } from 'nodemailer';
import type { MessageSender } from './port.ts';
import { textOf } from './templates.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587`, or `smtps:`. */
  readonly url: string;
  readonly from: string;
}

const TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 4;

/** Keeps connections for the next message; plain ones are encrypted where the server can (STARTTLS). */
export function createSmtpSender({ url, from }: SmtpOptions): MessageSender {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    channels: new Set(['email']),
    async send(message) {
      const { subject, body } = textOf(message);
      // As an object, an address is one address, whatever stands in it.
      await transport.sendMail({ from, to: { name: '', address: message.to }, subject, text: body });
    },
    close: () => Promise.resolve(transport.close()),
  };
}
