// Many small questions asked in one turn of the event loop become one statement: what fifty doors ask at once costs one round trip.

/** Answers one key by loading it together with whatever else was asked in the same turn. */
export type Batcher<Key, Value> = (key: Key) => Promise<Value | undefined>;

/**
 * Wraps a set-based question. Keys are asked once per turn; nothing is remembered from one turn to the next.
 * A failing load rejects every key of its turn.
 */
export function batched<Key, Value>(load: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>, maxKeys = 256): Batcher<Key, Value> {
  let waiting: { keys: Set<Key>; answer: Promise<ReadonlyMap<Key, Value>> } | undefined;
  return async (key) => {
    if (!waiting || waiting.keys.size >= maxKeys) waiting = open();
    waiting.keys.add(key);
    return (await waiting.answer).get(key);
  };

  function open(): { keys: Set<Key>; answer: Promise<ReadonlyMap<Key, Value>> } {
    const keys = new Set<Key>();
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (waiting?.keys === keys) waiting = undefined;
      return load([...keys]);
    });
    return { keys, answer };
  }
}
