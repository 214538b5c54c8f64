// Time as a value that is handed in, so that rules and tests choose it.

/** The present moment. Production passes `systemClock`; a test passes its own. */
export type Clock = () => Date;

/** The machine's clock. */
export const systemClock: Clock = () => new Date();
