// Waiting for a fact instead of for a time.

/** Asks again and again until the answer is not false, null or undefined, and returns it; rejects, naming `fact`, after `timeoutMs`. */
export async function until<Answer>(
  fact: string,
  ask: () => Answer | Promise<Answer>,
  timeoutMs = 30_000,
): Promise<Exclude<Answer, false | null | undefined>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer as Exclude<Answer, false | null | undefined>;
    if (Date.now() > end) throw new Error(`Not true after ${timeoutMs} ms: ${fact}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
