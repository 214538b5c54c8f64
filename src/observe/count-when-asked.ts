// Figures that stand in the database, counted when somebody asks for /metrics and not before: fresh enough, asked once for many, and absent
// rather than old.

/** What is counted. `show` takes undefined when nobody could count: figures of another time would say that all is well. */
export type CountSource<Figures> = {
  readonly read: () => Promise<Figures>;
  readonly show: (figures: Figures | undefined) => void;
  /** Told of a count that failed. */
  readonly failed: (error: unknown) => void;
};

/** A count is good for so long: whoever asks more often is told the same again. In milliseconds. */
const keepMs = 5_000;
/** The other figures do not wait longer for a database that does not answer. In milliseconds. */
const patienceMs = 2_000;

/** One count at a time, kept for a while. */
export class CountWhenAsked<Figures> {
  readonly #source: CountSource<Figures>;
  #underWay: Promise<void> | undefined;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(source: CountSource<Figures>) {
    this.#source = source;
  }

  /** Resolves when the figures are fresh, or when nobody should wait any longer for them: then there are none. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#countedAt < keepMs) return;
    this.#underWay ??= this.#count();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#source.show(undefined);
        resolve();
      }, patienceMs);
    });
    await Promise.race([this.#underWay, tooLate]).finally(() => clearTimeout(timer));
  }

  async #count(): Promise<void> {
    const { read, show, failed } = this.#source;
    const startedAt = performance.now();
    try {
      show(await read());
    } catch (error) {
      show(undefined);
      failed(error);
    } finally {
      this.#countedAt = startedAt;
      this.#underWay = undefined;
    }
  }
}
