// Statements asked at once on one connection: they travel together and are carried out in the order they were asked.

/**
 * The answers, in order. When one fails, waits for all the others to end before it throws the failure that came first: a chain
 * still under way would send its next statement behind the rollback, outside the transaction, where it would be kept.
 * Never `Promise.all` on a transaction or a connection.
 */
export async function together<const Work extends readonly Promise<unknown>[]>(
  work: Work,
): Promise<{ -readonly [At in keyof Work]: Awaited<Work[At]> }> {
  let first: { readonly failure: unknown } | undefined;
  for (const one of work) {
    one.catch((failure: unknown) => {
      first ??= { failure };
    });
  }
  const settled = await Promise.allSettled(work);
  if (first) throw first.failure;
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : undefined)) as { -readonly [At in keyof Work]: Awaited<Work[At]> };
}
