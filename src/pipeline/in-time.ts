// Waiting for what may not answer any more: a server that is gone must not keep the gateway from stopping.

const longestMs = 3000;

/** Resolves when `work` has, or after three seconds; what it still waits for then ends with the process. Never rejects. */
export async function inTime(work: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestMs);
  });
  try {
    await Promise.race([work().catch(() => {}), late]);
  } finally {
    clearTimeout(timer);
  }
}
