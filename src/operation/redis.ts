/** Asks Redis whether it serves, with nothing but a socket: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const DEFAULT_PORT = 6379;

/** Resolves when Redis answers PING (after AUTH, where the URL has a password) within `timeoutMs`; throws otherwise. */
export function pingRedis(redisUrl: string, timeoutMs: number): Promise<void> {
  const target = new URL(redisUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    let answer = '';
    const end = (error?: Error): void => {
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    socket.setTimeout(timeoutMs, () => end(new Error('no answer in time')));
    socket.on('error', end);
    socket.on('close', () => end(new Error('closed the connection')));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.includes('+PONG\r\n')) end();
      else if (/^-/m.test(answer)) end(new Error('refused'));
    });
    socket.write(greeting(target));
  });
}

function connect(target: URL): Socket {
  const address = { host: target.hostname.replace(/^\[|\]$/g, ''), port: Number(target.port || DEFAULT_PORT) };
  return target.protocol === 'rediss:' ? connectTls({ ...address, servername: address.host }) : connectPlain(address);
}

function greeting(target: URL): string {
  const password = decodeURIComponent(target.password);
  const user = decodeURIComponent(target.username) || 'default';
  return (password ? command('AUTH', user, password) : '') + command('PING');
}

const command = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`;
