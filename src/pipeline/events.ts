// What the pipeline tells the log and the metrics. Implemented over src/observe in context.ts; nothing here can carry health data:
// codes, counts and stack frames only, never a payload, an address or an error's message (it may quote a peer's answer).

/** One function per event of the pipeline. */
export interface PipelineEvents {
  /** The work is carried out. */
  taskDone(event: { readonly task: string }): void;
  /** An attempt ended and the work will be tried again. */
  taskPostponed(event: {
    readonly task: string;
    readonly rowId: string;
    readonly attempts: number;
    readonly because: string;
    readonly at: Date;
  }): void;
  /** The work was given up; its row stays for a person to look at. */
  taskDead(event: { readonly task: string; readonly rowId: string; readonly attempts: number; readonly because: string }): void;
  /** A task threw what it should have answered: our bug, or a database that went away. */
  taskCrashed(event: { readonly task: string; readonly rowId: string; readonly errorName: string; readonly frames: string }): void;
  /** A letter was offered to the next hop: how many recipients it took, refused for good, or put off. */
  letterRelayed(event: { readonly delivered: number; readonly failed: number; readonly later: number }): void;
  /** The copy of a document to the national record has ended; `code` says why when it is not fed. */
  documentCopied(event: { readonly outcome: 'fed' | 'refused' | 'not-fed'; readonly code: string }): void;
  /** Steps were taken about professional mailboxes that nobody opens. */
  idleBoxesReviewed(event: { readonly noticed: number; readonly suspended: number; readonly unpublished: number }): void;
  /** Identities made for tests are registered in production. */
  testIdentitiesFound(event: { readonly count: number }): void;
  /** A file was taken into the registry; its import says more (`imports`). */
  registryFed(event: {
    readonly source: 'extraction' | 'citizens';
    readonly importId: number;
    readonly lines: number;
    readonly refused: number;
  }): void;
  /** A file in the citizens' folder is no feed; it was put away for a person. */
  feedRefused(event: { readonly because: string }): void;
  /** Bytes nobody refers to were removed. */
  orphansCollected(event: { readonly blobs: number }): void;
  /** The queue engine or the sweep failed for a moment; both go on by themselves. */
  engineFailed(event: { readonly errorName: string; readonly frames: string }): void;
}

/** An error as events may carry it: its class and where it happened, without its message. */
export function withoutMessage(error: unknown): { errorName: string; frames: string } {
  if (!(error instanceof Error)) return { errorName: typeof error, frames: '' };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { errorName: error.name, frames: frames.slice(0, 8).join('\n') };
}
