// A promise that a stream settles from one of its callbacks.

/** The promise and its two ends; a rejection that nobody awaits is not reported as unhandled, the stream's own error is. */
export type Deferred<Value> = { readonly promise: Promise<Value>; resolve(value: Value): void; reject(error: Error): void };

/** Makes a promise to be settled later; settling it again does nothing. */
export function deferred<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Value>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
