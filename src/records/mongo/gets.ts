/** Records by their ids: those that are asked for at once, by whichever requests, are one question to the server. */
import type { RecordDocument, RecordModel } from './model.ts';

type Waiting = Map<string, PromiseWithResolvers<RecordDocument | undefined>>;

/** More ids than that make another question. */
const MOST = 500;

export type Get = (id: string) => Promise<RecordDocument | undefined>;

/** `live`: what a record must meet beside its id. Whatever is asked for is read after it was asked for. */
export function createGets(model: RecordModel, live: () => object): Get {
  const state: { waiting?: Waiting } = {};
  const begin = (): Waiting => {
    const waiting: Waiting = new Map();
    state.waiting = waiting;
    // After all that goes on in this turn of the event loop has asked.
    process.nextTick(() => {
      if (state.waiting === waiting) delete state.waiting;
      void answer(model, live(), waiting);
    });
    return waiting;
  };
  return (id) => {
    const waiting = state.waiting === undefined || state.waiting.size >= MOST ? begin() : state.waiting;
    const asked = waiting.get(id) ?? Promise.withResolvers();
    waiting.set(id, asked);
    return asked.promise;
  };
}

async function answer(model: RecordModel, live: object, waiting: Waiting): Promise<void> {
  try {
    const found = await model.find({ _id: { $in: [...waiting.keys()] }, ...live }).lean<RecordDocument[]>();
    const byId = new Map(found.map((document) => [document._id, document]));
    for (const [id, { resolve }] of waiting) resolve(byId.get(id));
  } catch (error) {
    for (const { reject } of waiting.values()) reject(error);
  }
}
