// The delivery path as a door under test sees it: verdicts are chosen by the test, letters are remembered.
import { accept, type Verdict } from '../../policies/verdict.ts';
import type { Address } from '../../src/core/address.ts';
import { RefusedError } from '../../src/core/errors.ts';
import type { Arrival, DeliveryPath, EnvelopeRecipient, Outcome } from '../../src/delivery/arrival.ts';

/** A letter that was read to its end. */
export type RecordedLetter = { readonly arrival: Arrival; readonly recipients: readonly EnvelopeRecipient[]; readonly content: Buffer };

/** Says yes to everything unless told otherwise. */
export class RecordingDelivery implements DeliveryPath {
  readonly letters: RecordedLetter[] = [];
  /** What the reader of a letter cut short was given. */
  readonly broken: { readonly error: unknown; readonly readBytes: number }[] = [];
  /** Bytes handed over so far, finished letters or not. */
  readBytes = 0;
  /** Letters whose reading has begun. */
  begun = 0;
  sender: (arrival: Arrival) => Promise<Verdict> | Verdict = () => accept('test');
  recipient: (arrival: Arrival, recipient: Address) => Promise<Verdict> | Verdict = () => accept('test');
  outcome: (arrival: Arrival) => Promise<Outcome> | Outcome = () => ({ do: 'accepted' });
  /** What becomes of a letter that the door found too large; undefined gives the refusal back to the door. */
  tooLarge: ((arrival: Arrival) => Outcome) | undefined;
  /** Awaited before each chunk is taken: a slow disk. */
  pace: () => Promise<void> | void = () => undefined;
  /** False: content is counted and dropped. */
  keepsContent = true;

  async judgeSender(arrival: Arrival): Promise<Verdict> {
    return this.sender(arrival);
  }

  async judgeRecipient(arrival: Arrival, recipient: Address): Promise<Verdict> {
    return this.recipient(arrival, recipient);
  }

  async deliver(arrival: Arrival, recipients: readonly EnvelopeRecipient[], content: AsyncIterable<Buffer>): Promise<Outcome> {
    this.begun += 1;
    const chunks: Buffer[] = [];
    let readBytes = 0;
    try {
      for await (const chunk of content) {
        await this.pace();
        readBytes += chunk.length;
        this.readBytes += chunk.length;
        if (this.keepsContent) chunks.push(chunk);
      }
    } catch (error) {
      this.broken.push({ error, readBytes });
      if (error instanceof RefusedError && this.tooLarge) return this.tooLarge(arrival);
      throw error;
    }
    const outcome = await this.outcome(arrival);
    if (outcome.do === 'accepted') this.letters.push({ arrival, recipients, content: Buffer.concat(chunks) });
    return outcome;
  }
}
