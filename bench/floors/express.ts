/** What every floor is served by: bare Express, nothing between the driver and the socket. */
import express, { type Express } from 'express';
import type { AddressInfo } from 'node:net';

/** What a floor does with its driver, by hand. */
export interface Floor {
  read(id: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  byToken(code: string): Promise<Uint8Array[]> | Uint8Array[];
  byPatientAndCode(patient: string, code: string): Promise<Uint8Array[]> | Uint8Array[];
  byNameAndDate(name: string, from: number): Promise<Uint8Array[]> | Uint8Array[];
  /** Resolves once the document is durable. */
  create(text: string): Promise<void>;
}

const [OPEN, BETWEEN, CLOSE] = ['{"resourceType":"Bundle","type":"searchset","entry":[{"resource":', '},{"resource":', '}]}'].map((t) =>
  Buffer.from(t),
) as [Buffer, Buffer, Buffer];

function page(bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat([OPEN, ...bodies.flatMap((body, i) => (i === 0 ? [body] : [BETWEEN, body])), CLOSE]);
}

/** Serves the floor and prints its address as the server does. */
export function serve(floor: Floor): void {
  const app: Express = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/read/:id', async (request, response) => {
    response.type('application/fhir+json').end(await floor.read(request.params.id));
  });
  app.get('/token', async (request, response) => {
    response.type('application/fhir+json').end(page(await floor.byToken(String(request.query['code']))));
  });
  app.get('/pair', async (request, response) => {
    const { patient, code } = request.query;
    response.type('application/fhir+json').end(page(await floor.byPatientAndCode(String(patient), String(code))));
  });
  app.get('/name', async (request, response) => {
    response
      .type('application/fhir+json')
      .end(page(await floor.byNameAndDate(String(request.query['name']), Number(request.query['from']))));
  });
  app.post('/create', express.json({ type: () => true, limit: '8mb' }), async (request, response) => {
    const text = JSON.stringify(request.body);
    await floor.create(text);
    response.status(201).type('application/fhir+json').end(text);
  });
  const server = app.listen(0, '127.0.0.1', () => {
    process.stdout.write(`nadi ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
}

/** Hands what arrives while a commit is under way to the next one. */
export function grouped<T>(commit: (items: readonly T[]) => Promise<void> | void): (item: T) => Promise<void> {
  let waiting: { item: T; done: () => void; failed: (error: unknown) => void }[] = [];
  let running = false;
  const drain = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await commit(group.map((w) => w.item));
        for (const w of group) w.done();
      } catch (error) {
        for (const w of group) w.failed(error);
      }
    }
    running = false;
  };
  return (item) =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed });
      if (!running) setImmediate(() => void (running ? undefined : drain()));
    });
}

/** 1, 2, 3, … */
export function counter(): () => number {
  let last = 0;
  return () => ++last;
}
