// How much work something is, whatever else the machine does.

/** Processor time a piece of work takes, in milliseconds: a busy machine does not change it much. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
