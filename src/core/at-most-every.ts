// Says something now, and then no more often than wished, however often it is asked: nothing asked is forgotten, many become one.

/** A function that calls `say` at once, then again after `pauseMs` if it was called meanwhile, and so on. It keeps no process alive. */
export function atMostEvery(pauseMs: number, say: () => void): () => void {
  let isPausing = false;
  let isAsked = false;
  const ask = () => {
    isAsked = true;
    if (isPausing) return;
    isAsked = false;
    isPausing = true;
    setTimeout(() => {
      isPausing = false;
      if (isAsked) ask();
    }, pauseMs).unref();
    say();
  };
  return ask;
}
