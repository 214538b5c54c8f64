// The other directories together: asked one after the other, in the order of the settings, until one knows.
import type { Address } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';
import type { UpstreamAnswer, UpstreamQuestion } from './upstream-answer.ts';
import { nameOf, type UpstreamDirectory } from './upstream-directory.ts';

/** For a question whose asker may go. */
export type AskOptions = { readonly signal?: AbortSignal };

/** Every directory of the settings. Built by openUpstreams(). */
export class UpstreamDirectories {
  readonly #directories: readonly UpstreamDirectory[];
  readonly #underWay = new Map<string, Promise<UpstreamAnswer>>();

  constructor(directories: readonly UpstreamDirectory[]) {
    this.#directories = directories;
  }

  /** Who has this matricule. Never rejects, except with the signal's reason. */
  findByIns(ins: Ins, options: AskOptions = {}): Promise<UpstreamAnswer> {
    return this.#find({ by: 'ins', ins }, options);
  }

  /** Who has this address. Never rejects, except with the signal's reason. */
  findByAddress(address: Address, options: AskOptions = {}): Promise<UpstreamAnswer> {
    return this.#find({ by: 'address', address }, options);
  }

  /** Ends every connection; what is under way ends as unanswered. */
  close(): void {
    for (const directory of this.#directories) directory.close();
  }

  /** The same question asked twice at once is one question. An asker who goes leaves it to the others: it ends by itself, in time. */
  async #find(question: UpstreamQuestion, { signal }: AskOptions): Promise<UpstreamAnswer> {
    signal?.throwIfAborted();
    const name = nameOf(question);
    const answer = this.#underWay.get(name) ?? this.#ask(question).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, answer);
    return signal ? await unlessAborted(answer, signal) : await answer;
  }

  async #ask(question: UpstreamQuestion): Promise<UpstreamAnswer> {
    let isComplete = true;
    for (const directory of this.#directories) {
      const answer = await directory.ask(question);
      if (answer === 'unreachable') isComplete = false;
      else if (answer !== undefined) return answer;
    }
    return isComplete ? undefined : 'unreachable';
  }
}

async function unlessAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const { promise: aborted, reject } = withReject();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function withReject(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}
