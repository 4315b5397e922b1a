/** Stands between the server and Redis, and keeps what either says. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Recorder {
  /** Of Redis, through it; undefined where there is no Redis. */
  readonly url?: string;
  readonly heard: () => string;
  close(): Promise<void>;
}

export async function openRecorder(redisUrl: string | undefined): Promise<Recorder> {
  if (redisUrl === undefined) return { heard: () => '', close: () => Promise.resolve() };
  const target = new URL(redisUrl);
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port || 6379), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => void (heard.push(chunk), to.write(chunk)));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(redisUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    heard: () => Buffer.concat(heard).toString('latin1'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
