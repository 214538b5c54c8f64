// How the DMP behaves on demand: down, slow, in error now and then, or gone before its answer. What is drawn is drawn from a source the
// test may give, so that a run can be played again.

/** Absent fields mean: as it should be. */
export type Behaviour = {
  /** Connections are dropped as they come. */
  readonly down?: boolean;
  /** Every answer waits this long. */
  readonly slowMs?: number;
  /** Share of requests, 0 to 1, that meet an error: each kind of {@link Mishap} as often. */
  readonly errorRate?: number;
  /** Numbers from 0 to below 1; absent: Math.random. */
  readonly drawnFrom?: () => number;
  /** Everything asked is done; the connection drops in the middle of the answer. */
  readonly answerThenCut?: boolean;
};

/** `unavailable`: HTTP 503. `fault`: SOAP's Receiver fault. `busy`: the registry's own word. `cut`: done, and the answer lost. */
export type Mishap = 'unavailable' | 'fault' | 'busy' | 'cut';

const mishaps: readonly Mishap[] = ['unavailable', 'fault', 'busy', 'cut'];

/** What happens to the next request. */
export function drawMishap({ answerThenCut, errorRate = 0, drawnFrom = Math.random }: Behaviour): Mishap | undefined {
  if (answerThenCut) return 'cut';
  const drawn = drawnFrom();
  return drawn < errorRate ? mishaps[Math.floor((drawn / errorRate) * mishaps.length)] : undefined;
}

/** A source of numbers that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
