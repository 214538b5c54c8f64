// Keeps costly work from being done too many times at once: what one letter may take of memory is bounded, so must their number be.

/** Runs one piece of work, now or once fewer than the limit are under way; first come, first served. */
export type AtMost = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** A gate through which `limit` pieces of work go at a time. */
export function atMost(limit: number): AtMost {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on, never given back in between: nobody slips in before those who wait.
      if (next) next();
      else free += 1;
    }
  };
}
