// What the IMAP and LDAP doors and the pipeline tell, said in the words of src/observe: neither imports the other's vocabulary.
import type { ImapEvents } from './imap/services.ts';
import type { LdapEvents } from './ldap/services.ts';
import type { Events } from './observe/events.ts';
import type { PipelineEvents } from './pipeline/events.ts';

/** The IMAP door's events, as log lines and metrics. */
export function imapEvents(events: Events): ImapEvents {
  return {
    connectionOpened: () => events.sessionOpened({ door: 'imap' }),
    connectionClosed: () => events.sessionClosed({ door: 'imap' }),
    loggedIn: (accepted) => {
      if (!accepted) events.authenticationFailed({ door: 'imap' });
    },
    commandFailed: (command, err) => events.unexpectedError({ where: `imap ${command}`, err }),
  };
}

/** The LDAP door's events, as log lines and metrics. */
export function ldapEvents(events: Events): LdapEvents {
  return {
    connectionOpened: () => events.sessionOpened({ door: 'ldap' }),
    connectionClosed: () => events.sessionClosed({ door: 'ldap' }),
    bound: (accepted) => {
      if (!accepted) events.authenticationFailed({ door: 'ldap' });
    },
    operationFailed: (operation, err) => events.unexpectedError({ where: `ldap ${operation}`, err }),
  };
}

/** The pipeline's events, as log lines and metrics. */
export function pipelineEvents(events: Events): PipelineEvents {
  return {
    taskDone: ({ task }) => events.outboxDone({ task }),
    taskPostponed: ({ task, rowId, attempts, because }) => events.outboxFailed({ task, outboxId: rowId, attempts, isDead: false, because }),
    taskDead: ({ task, rowId, attempts, because }) => events.outboxFailed({ task, outboxId: rowId, attempts, isDead: true, because }),
    taskCrashed: ({ task, rowId, errorName, frames }) =>
      events.unexpectedError({ where: `task ${task}`, err: { rowId, errorName, frames } }),
    letterRelayed: (counts) => events.letterRelayed(counts),
    documentCopied: (end) => events.documentCopied(end),
    idleBoxesReviewed: (steps) => events.idleBoxesReviewed(steps),
    testIdentitiesFound: (found) => events.testIdentitiesFound(found),
    registryFed: (facts) => events.registryFed(facts),
    feedRefused: (facts) => events.feedRefused(facts),
    orphansCollected: ({ blobs }) => events.blobsCollected({ blobCount: blobs }),
    engineFailed: (err) => events.unexpectedError({ where: 'queue', err }),
  };
}
