/** Single records by a key of theirs: those that are asked for at once, by whichever requests, are one question to the server. */
import type { RecordDocument, RecordModel } from './model.ts';

export type Find = (key: string) => Promise<RecordDocument | undefined>;

type Waiting = Map<string, PromiseWithResolvers<RecordDocument | undefined>>;
type Key = { readonly field: '_id' | 'unique'; readonly of: (document: RecordDocument) => readonly string[] };

const ID: Key = { field: '_id', of: ({ _id }) => [_id] };
const UNIQUE: Key = { field: 'unique', of: ({ unique }) => unique ?? [] };

/** More keys than that make another question. */
const MOST_KEYS = 500;
/** While so many questions are under way, whatever is asked for waits, to be asked together. */
const MOST_QUESTIONS = 2;

/** `live`: what a record must meet beside its key. Whatever is asked for is read after it was asked for. */
export const createFinds = (model: RecordModel, live: () => object): { readonly byId: Find; readonly byUnique: Find } => ({
  byId: createFind(model, live, ID),
  byUnique: createFind(model, live, UNIQUE),
});

function createFind(model: RecordModel, live: () => object, key: Key): Find {
  const waiting: Waiting = new Map();
  const state = { underWay: 0, isAboutToAsk: false };
  const ask = async (): Promise<void> => {
    state.isAboutToAsk = false;
    while (waiting.size > 0 && state.underWay < MOST_QUESTIONS) {
      state.underWay += 1;
      void answer(model, live(), key, taken(waiting)).finally(() => {
        state.underWay -= 1;
        void ask();
      });
    }
  };
  return (value) => {
    const asked = waiting.get(value) ?? Promise.withResolvers();
    waiting.set(value, asked);
    // After all that goes on in this turn of the event loop has asked.
    if (!state.isAboutToAsk) process.nextTick(ask);
    state.isAboutToAsk = true;
    return asked.promise;
  };
}

function taken(waiting: Waiting): Waiting {
  const some = new Map([...waiting].slice(0, MOST_KEYS));
  for (const value of some.keys()) waiting.delete(value);
  return some;
}

async function answer(model: RecordModel, live: object, key: Key, asked: Waiting): Promise<void> {
  try {
    const found = await model.find({ [key.field]: { $in: [...asked.keys()] }, ...live }).lean<RecordDocument[]>();
    const byKey = new Map(found.flatMap((document) => key.of(document).map((value) => [value, document] as const)));
    for (const [value, { resolve }] of asked) resolve(byKey.get(value));
  } catch (error) {
    for (const { reject } of asked.values()) reject(error);
  }
}
