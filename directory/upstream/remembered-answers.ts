// Answers kept in memory with the moment they were given: a bounded number, those asked for least recently forgotten first.

/** An answer and when it was given, milliseconds. */
export type Remembered<Answer> = { readonly answer: Answer; readonly at: number };

/** At most `most` answers by key. */
export class RememberedAnswers<Answer> {
  readonly #most: number;
  // A Map keeps the order of insertion: the first key is the one that was used longest ago.
  readonly #answers = new Map<string, Remembered<Answer>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The answer last set for the key. */
  get(key: string): Remembered<Answer> | undefined {
    const found = this.#answers.get(key);
    if (found) {
      this.#answers.delete(key);
      this.#answers.set(key, found);
    }
    return found;
  }

  set(key: string, answer: Remembered<Answer>): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#most) return;
      this.#answers.delete(oldest);
    }
  }
}
