export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;
export type JsonArray = JsonValue[];
/** A number of an exact tree is either a number or an `ExactNumber`, which has the type of an object: ask `isJsonObject`. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** One text, read twice: for reasoning about it, and for writing it again. */
export interface JsonDocument {
  /** What `JSON.parse` gives. */
  readonly value: JsonObject;
  /**
   * The same tree, but numbers that JavaScript would print otherwise (`1.50`, `1e3`, beyond 2^53) are `JSON.rawJSON`
   * objects. The same object as `value` where there are none.
   */
  readonly exact: JsonObject;
}

export interface JsonArrayDocument {
  readonly value: JsonArray;
  readonly exact: JsonArray;
}
