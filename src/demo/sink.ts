// Another operator's relay in small: a plain SMTP server on loopback, standing for the configured next hop. Shared with the tests.
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A letter as the sink took it. `recipients` are those it accepted. */
export type SunkLetter = {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
};

/** What the sink says to a recipient: take it, 550 5.1.1, or 450 4.2.1. */
export type SinkAnswer = 'take' | 'refuse' | 'later';

export type SinkOptions = {
  /** Asked at each RCPT; absent: every recipient is taken. */
  readonly answer?: (recipient: string) => SinkAnswer;
  /** 0 or absent: any free port. */
  readonly port?: number;
};

/** The oldest letters are forgotten beyond this many, or this many bytes in all. */
const kept = { letters: 100, bytes: 128 * 1024 * 1024 };

/** Listens on 127.0.0.1 from start() to stop(). */
export class Sink {
  readonly #letters: SunkLetter[] = [];
  readonly #waiting = new Set<{ wanted: (letter: SunkLetter) => boolean; found: (letter: SunkLetter) => void }>();
  readonly #server: SMTPServer;
  readonly #options: SinkOptions;
  #answer: (recipient: string) => SinkAnswer;

  constructor(options: SinkOptions = {}) {
    this.#options = options;
    this.#answer = options.answer ?? (() => 'take');
    this.#server = new SMTPServer({
      name: 'relais.autre-operateur.test',
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 1000,
      onRcptTo: (recipient, _session, done) => done(refusal(this.#answer(recipient.address))),
      onData: (stream, session, done) => {
        const { mailFrom, rcptTo } = session.envelope;
        buffer(stream).then((bytes) => {
          this.#keep({
            sender: mailFrom === false ? '' : mailFrom.address,
            recipients: rcptTo.map((recipient) => recipient.address),
            bytes,
          });
          done(null);
        }, done);
      },
    });
  }

  /** Resolves with the port once connections are taken. */
  async start(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port ?? 0, '127.0.0.1', () => {
        this.#server.off('error', reject);
        // A client that hangs up in the middle is no reason to end the demo.
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** Everything taken so far, oldest first. */
  get letters(): readonly SunkLetter[] {
    return this.#letters;
  }

  /** From now on, the sink answers so. */
  answerWith(answer: (recipient: string) => SinkAnswer): void {
    this.#answer = answer;
  }

  /** The first letter, past or to come, that `wanted` accepts; rejects after `timeoutMs`. */
  async waitFor(wanted: (letter: SunkLetter) => boolean, timeoutMs = 10_000): Promise<SunkLetter> {
    const there = this.#letters.find(wanted);
    if (there) return there;
    return new Promise((resolve, reject) => {
      const waiter = { wanted, found };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Error(`No such letter reached the next hop within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.add(waiter);
      function found(letter: SunkLetter): void {
        clearTimeout(timer);
        resolve(letter);
      }
    });
  }

  /** Takes no new connection and resolves when the open ones are closed. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #keep(letter: SunkLetter): void {
    this.#letters.push(letter);
    let bytes = this.#letters.reduce((total, one) => total + one.bytes.length, 0);
    while (this.#letters.length > kept.letters || (bytes > kept.bytes && this.#letters.length > 1))
      bytes -= this.#letters.shift()?.bytes.length ?? 0;
    for (const waiter of this.#waiting) {
      if (!waiter.wanted(letter)) continue;
      this.#waiting.delete(waiter);
      waiter.found(letter);
    }
  }
}

function refusal(answer: SinkAnswer): Error | null {
  if (answer === 'take') return null;
  const [responseCode, text] = answer === 'refuse' ? [550, '5.1.1 Destinataire inconnu'] : [450, '4.2.1 Boîte occupée'];
  return Object.assign(new Error(text), { responseCode });
}
