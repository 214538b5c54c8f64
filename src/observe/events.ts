// What happens in the gateway, one function per business event: each writes its line in the log and moves its counters, so
// that the two cannot drift. Fields are numbers, codes and ids of our own making; who and what about are nowhere.
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** The doors that events name. */
export type ObservedDoor = 'submission' | 'mx' | 'imap' | 'ldap' | 'pipeline';

/** One function per event. Handed to everything that has something to tell. */
export type Events = ReturnType<typeof createEvents>;

/** The events of a process. */
export function createEvents(log: Log, metrics: Metrics) {
  return {
    /** Every door is open. `doors` are `imap 127.0.0.1:143` and the like. */
    gatewayStarted(event: { version: string; workers: number; doors: readonly string[]; tookMs: number }): void {
      log.info(event, 'gateway started');
    },

    /** Every door is closed and nothing is under way. */
    gatewayStopped(event: { because: string; tookMs: number }): void {
      log.info(event, 'gateway stopped');
    },

    /** A worker process ended without being asked to; the first process starts another. */
    workerLost(event: { workerPid: number; because: string }): void {
      log.error(event, 'worker lost');
    },

    /** Nothing can be stored any more. */
    databaseLost(event: { because: string }): void {
      log.fatal(event, 'database lost');
    },

    /** A client has connected. */
    sessionOpened(event: { door: ObservedDoor }): void {
      metrics.sessions.inc({ door: event.door });
    },

    /** The same client is gone: called exactly once for each sessionOpened. */
    sessionClosed(event: { door: ObservedDoor }): void {
      metrics.sessions.dec({ door: event.door });
    },

    /** Which login was tried is not said: people type passwords into that field. */
    authenticationFailed(event: { door: ObservedDoor }): void {
      metrics.authenticationFailures.inc({ door: event.door });
      log.warn(event, 'authentication failed');
    },

    /** Durable and answered 250. `tookMs` runs from the first byte of the content. */
    letterAccepted(event: { door: ObservedDoor; arrivalId: string; sizeBytes: number; recipientCount: number; tookMs: number }): void {
      metrics.letters.inc({ door: event.door, outcome: 'accepted' });
      metrics.receivedBytes.inc({ door: event.door }, event.sizeBytes);
      metrics.deliverySeconds.observe({ door: event.door }, event.tookMs / 1000);
      log.info(event, 'letter accepted');
    },

    /** The whole letter was refused, by a code of the judge or of the protocol. */
    letterRefused(event: { door: ObservedDoor; arrivalId: string; code: string }): void {
      metrics.letters.inc({ door: event.door, outcome: 'refused' });
      metrics.refusals.inc({ door: event.door, of: 'letter', code: event.code });
      log.info(event, 'letter refused');
    },

    /** The sender was asked to try again; the cause is in the line, not in the answer. */
    letterDeferred(event: { door: ObservedDoor; arrivalId: string; because: string }): void {
      metrics.letters.inc({ door: event.door, outcome: 'deferred' });
      log.warn(event, 'letter deferred');
    },

    /** One recipient was refused, others may be taken. */
    recipientRefused(event: { door: ObservedDoor; arrivalId: string; code: string }): void {
      metrics.refusals.inc({ door: event.door, of: 'recipient', code: event.code });
      log.info(event, 'recipient refused');
    },

    /** A recipient of an accepted letter was not given it; `isTold` unless nothing may be sent to the letter's sender. */
    recipientReported(event: { door: ObservedDoor; arrivalId: string; code: string; isTold: boolean }): void {
      metrics.refusals.inc({ door: event.door, of: 'reported', code: event.code });
      log.info(event, 'recipient reported');
    },

    /** A letter is kept apart for one recipient until a person has decided. */
    letterHeld(event: { door: ObservedDoor; arrivalId: string; code: string }): void {
      metrics.held.inc({ code: event.code });
      log.warn(event, 'letter held');
    },

    /** A letter came a second time: it was placed again, and changed no exchange. */
    replaySeen(event: { door: ObservedDoor; arrivalId: string }): void {
      metrics.replays.inc({ door: event.door });
      log.info(event, 'replay seen');
    },

    /** The X-MSS-* fields of a letter do not say what its documents say. The words are labels of ours, never values. */
    mssFieldsDiffer(event: { door: ObservedDoor; arrivalId: string; mismatches: readonly string[] }): void {
      for (const mismatch of event.mismatches) metrics.mssMismatches.inc({ mismatch });
      log.debug(event, 'mss fields differ');
    },

    /** An archive of documents could not be read, or was made to harm its reader. `because` is a code. */
    documentsNotRead(event: { door: ObservedDoor; arrivalId: string; problem: string; because: string }): void {
      metrics.documentsNotRead.inc({ problem: event.problem });
      log.warn(event, 'documents not read');
    },

    /** A receipt written by a citizen's software: the gateway sends its own. */
    receiptDropped(event: { door: ObservedDoor; arrivalId: string }): void {
      log.info(event, 'receipt dropped');
    },

    /** Later work is carried out. Counted only: a line for each would drown the others. */
    outboxDone(event: { task: string }): void {
      metrics.outboxAttempts.inc({ task: event.task, outcome: 'done' });
    },

    /** Later work failed: to be tried again, or given up when `isDead`. `because` is a code. */
    outboxFailed(event: { task: string; outboxId: string; attempts: number; isDead: boolean; because: string }): void {
      metrics.outboxAttempts.inc({ task: event.task, outcome: event.isDead ? 'dead' : 'again' });
      log[event.isDead ? 'error' : 'warn'](event, 'outbox entry failed');
    },

    /** A letter was offered to the next hop: how many recipients it took, refused for good, or put off. */
    letterRelayed(event: { delivered: number; failed: number; later: number }): void {
      for (const outcome of ['delivered', 'failed', 'later'] as const) metrics.relayed.inc({ outcome }, event[outcome]);
      log.info(event, 'letter relayed');
    },

    /** The copy of a document to the national record has ended: fed, refused for good, or left out. `code` is a word of ours or of XDS. */
    documentCopied(event: { outcome: 'fed' | 'refused' | 'not-fed'; code: string }): void {
      metrics.recordCopies.inc({ outcome: event.outcome });
      log[event.outcome === 'refused' ? 'warn' : 'info'](event, 'document copied');
    },

    /** Mailboxes that nobody opens: their holder is written to, they are suspended, they leave the address book. */
    idleBoxesReviewed(event: { noticed: number; suspended: number; unpublished: number }): void {
      log.info(event, 'idle mailboxes reviewed');
    },

    /** Identities made for tests (OID .10 and .11) in a registry of production: somebody's letters may go to nobody. */
    testIdentitiesFound(event: { count: number }): void {
      log.error(event, 'test identities in production');
    },

    /** A file was taken into the registry, all but the lines refused: `passerelle directory imports` says which and why. */
    registryFed(event: { source: 'extraction' | 'citizens'; importId: number; lines: number; refused: number }): void {
      metrics.syncLines.inc({ source: event.source, outcome: 'taken' }, Math.max(0, event.lines - event.refused));
      metrics.syncLines.inc({ source: event.source, outcome: 'refused' }, event.refused);
      log[event.refused > 0 ? 'warn' : 'info'](event, 'registry fed');
    },

    /** A file in the citizens' folder is no feed at all: it waits in « refused ». Its name is not said, nobody knows what it holds. */
    feedRefused(event: { because: string }): void {
      metrics.syncFilesRefused.inc({ because: event.because });
      log.error(event, 'feed refused');
    },

    /** Bytes nobody refers to are gone. */
    blobsCollected(event: { blobCount: number }): void {
      metrics.blobsCollected.inc(event.blobCount);
      log.info(event, 'blobs collected');
    },

    /** Another directory was asked, or was not because its servers rest: what came of it. Counted only. */
    upstreamAsked(event: { directory: string; outcome: 'found' | 'nobody' | 'several' | 'stale' | 'unreachable' }): void {
      metrics.upstreamAnswers.inc(event);
    },

    /** A server of another directory did not answer as it should. `server` counts from 1 in the order of the settings; `because` is a code. */
    upstreamFailed(event: { directory: string; server: number; because: string }): void {
      metrics.upstreamFailures.inc({ directory: event.directory, because: event.because });
      log.warn(event, 'upstream directory failed');
    },

    /** Our own bug, or a machine that fails. `where` is a constant word of the caller's. */
    unexpectedError(event: { where: string; err: unknown; arrivalId?: string; sessionId?: string }): void {
      metrics.unexpectedErrors.inc({ where: event.where });
      log.error(event, 'unexpected error');
    },
  };
}
