/** Attacks across the wall between clinics, on the whole server: the lines T1 to T10. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { availableStores } from '../../tools/running-server.ts';
import { fuzzTests } from './tenancy/fuzz.ts';
import { openPlace, type Place } from './tenancy/place.ts';
import { reachingTests } from './tenancy/reaching.ts';
import { readingTests } from './tenancy/reading.ts';
import { searchingTests } from './tenancy/searching.ts';
import { attemptTests, trailTests } from './tenancy/trail.ts';
import { writingTests } from './tenancy/writing.ts';
import { openServedWorld, type ServedWorld } from './world.ts';

describe.each(availableStores())('two clinics on %s', (store) => {
  let world: ServedWorld;
  let place: Place;
  beforeAll(async () => {
    world = await openServedWorld(store);
    place = await openPlace(world);
  }, 60_000);
  afterAll(() => world.close());
  const at = (): Place => place;

  readingTests(at);
  searchingTests(at);
  reachingTests(at);
  writingTests(at);
  attemptTests(at);
  fuzzTests(at, store);
  trailTests(at);
});
