// Who is connected: the mailbox a client may use, once its credential has been checked.
import type { Address } from '../core/address.ts';

/** An authenticated person or software: one mailbox, under its canonical address. */
export type Account = {
  readonly address: Address;
  readonly mailboxId: number;
};
