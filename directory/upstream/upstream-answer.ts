// What other directories are asked, and what they answer. Only ever about one person, named exactly: nobody is browsed elsewhere either.
import type { Address } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';
import type { RegistryState } from '../states.ts';

/** Someone, by the one thing that names them. */
export type UpstreamQuestion = { readonly by: 'ins'; readonly ins: Ins } | { readonly by: 'address'; readonly address: Address };

/** Who a directory says it is. */
export type UpstreamEntry = {
  /** Absent when the directory knows the person and no mailbox of theirs that is open. */
  readonly address?: Address;
  /** On one line, at most 200 characters; empty when the directory names them nowhere. */
  readonly displayName: string;
  readonly kind: 'citizen' | 'professional';
  /** As that directory has it; absent when it says nothing of it, or in words of its own. */
  readonly state?: RegistryState;
};

/** Who was found elsewhere. */
export type FoundElsewhere = UpstreamEntry & {
  /** The directory's name in the settings. */
  readonly from: string;
  /** True when no server of that directory answers now, and this is what it said before. */
  readonly isStale: boolean;
};

/**
 * What the other directories know, together. `several`: one of them has several mailboxes under what names one person. `unreachable`:
 * those that answered do not know, and one that did not might. Undefined: none knows.
 */
export type UpstreamAnswer = FoundElsewhere | 'several' | 'unreachable' | undefined;
