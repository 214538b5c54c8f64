// Feeds about people who have neither mailbox nor password: nothing goes along with a matricule.

/** For runFeed. */
export async function nothingToMove(): Promise<void> {}
