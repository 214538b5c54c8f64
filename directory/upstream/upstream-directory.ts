// One other directory: its servers in the order of the settings, and what it said lately. An answer is used again while it is fresh, and
// for longer when no server answers: yesterday's answer, said to be yesterday's, is worth more than none.
import type { Clock } from '../../src/core/clock.ts';
import { UnavailableError } from '../../src/core/errors.ts';
import type { Events } from '../../src/observe/events.ts';
import { mostEntries, readEntries } from './read-entries.ts';
import { RememberedAnswers } from './remembered-answers.ts';
import type { FoundElsewhere, UpstreamAnswer, UpstreamEntry, UpstreamQuestion } from './upstream-answer.ts';
import type { UpstreamServer } from './upstream-server.ts';

/** What a directory tells while it is asked: names of the settings and codes, nothing of whom. */
export type UpstreamEvents = Pick<Events, 'upstreamAsked' | 'upstreamFailed'>;

/** What a directory is made of. */
export type UpstreamParts = {
  /** Its name in the settings. */
  readonly name: string;
  readonly servers: readonly UpstreamServer[];
  readonly insAttribute: string;
  readonly freshMs: number;
  readonly staleMs: number;
  /** How many answers are remembered; 0 for none. */
  readonly mostRemembered: number;
  readonly events: UpstreamEvents;
  readonly clock: Clock;
};

/** What was said, as it is remembered. */
type Said = UpstreamEntry | 'several' | undefined;

/** A directory that can be asked. */
export class UpstreamDirectory {
  readonly #parts: UpstreamParts;
  readonly #remembered: RememberedAnswers<Said>;

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
    this.#remembered = new RememberedAnswers(parts.mostRemembered);
  }

  /** Its answer; `unreachable` when no server answers and nothing it said can stand in. Never rejects. */
  async ask(question: UpstreamQuestion): Promise<UpstreamAnswer> {
    const { name, freshMs, staleMs, events, clock } = this.#parts;
    const key = nameOf(question);
    const before = this.#remembered.get(key);
    const age = before ? clock().getTime() - before.at : Number.POSITIVE_INFINITY;
    if (before && age < freshMs) return this.#tell(before.answer, false);
    const said = await this.#askServers(question);
    if (said !== 'unreachable') {
      this.#remembered.set(key, { answer: said, at: clock().getTime() });
      events.upstreamAsked({ directory: name, outcome: outcomeOf(said) });
      return this.#tell(said, false);
    }
    // Only someone who was found can be told with the word that it may not be so any more.
    const canStandIn = before?.answer !== undefined && before.answer !== 'several' && age < staleMs;
    events.upstreamAsked({ directory: name, outcome: canStandIn ? 'stale' : 'unreachable' });
    return canStandIn ? this.#tell(before.answer, true) : 'unreachable';
  }

  /** Ends its connections. */
  close(): void {
    for (const server of this.#parts.servers) server.close();
  }

  async #askServers(question: UpstreamQuestion): Promise<Said | 'unreachable'> {
    const { name, servers, insAttribute, events } = this.#parts;
    const filter =
      question.by === 'ins' ? { attribute: insAttribute, value: question.ins } : { attribute: 'mail', value: question.address };
    const attributes = ['mail', 'displayName', 'cn', 'mssBoxState', insAttribute];
    for (const [index, server] of servers.entries()) {
      if (server.isResting()) continue;
      try {
        return readEntries(await server.search({ ...filter, attributes, mostEntries }), question, insAttribute);
      } catch (error) {
        const because = error instanceof UnavailableError ? error.because : 'unexpected';
        events.upstreamFailed({ directory: name, server: index + 1, because });
      }
    }
    return 'unreachable';
  }

  #tell(said: Said, isStale: boolean): FoundElsewhere | 'several' | undefined {
    return said === undefined || said === 'several' ? said : { ...said, from: this.#parts.name, isStale };
  }
}

/** The same for the same question. It names someone: for memory alone. */
export function nameOf(question: UpstreamQuestion): string {
  return question.by === 'ins' ? question.ins : question.address;
}

function outcomeOf(said: Said): 'found' | 'nobody' | 'several' {
  if (said === undefined) return 'nobody';
  return said === 'several' ? 'several' : 'found';
}
