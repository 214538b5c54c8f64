// What is counted. Labels are few words of ours (a door, a code), never an address, a mailbox or a peer.
import cluster from 'node:cluster';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { answerGatherer, gatherMetrics, listenToWorkers } from './gather-metrics.ts';

/** The counters of a process. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Made once per process; two in one process (tests) do not meet. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  if (cluster.isWorker) answerGatherer(registry);
  else listenToWorkers();
  return {
    registry,
    letters: new Counter({
      name: 'passerelle_letters_total',
      help: 'Letters, by door and what became of them',
      labelNames: ['door', 'outcome'],
      registers,
    }),
    refusals: new Counter({
      name: 'passerelle_refusals_total',
      help: 'Refusals of a letter, of a recipient in the protocol, or of one reported on afterwards, by door and code',
      labelNames: ['door', 'of', 'code'],
      registers,
    }),
    held: new Counter({
      name: 'passerelle_held_total',
      help: 'Letters kept apart for a recipient until a person decides, by code',
      labelNames: ['code'],
      registers,
    }),
    replays: new Counter({
      name: 'passerelle_replays_total',
      help: 'Letters that came a second time, and changed no exchange',
      labelNames: ['door'],
      registers,
    }),
    mssMismatches: new Counter({
      name: 'passerelle_mss_mismatches_total',
      help: 'Letters whose X-MSS-* fields do not say what their documents say',
      labelNames: ['mismatch'],
      registers,
    }),
    documentsNotRead: new Counter({
      name: 'passerelle_documents_not_read_total',
      help: 'Letters whose archive of documents could not be read, or was hostile',
      labelNames: ['problem'],
      registers,
    }),
    relayed: new Counter({
      name: 'passerelle_relayed_total',
      help: 'Recipients of letters offered to the next hop, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    deliverySeconds: new Histogram({
      name: 'passerelle_delivery_seconds',
      help: 'From the first byte of a content to its commit',
      labelNames: ['door'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
      registers,
    }),
    receivedBytes: new Counter({
      name: 'passerelle_received_bytes_total',
      help: 'Bytes of accepted letters',
      labelNames: ['door'],
      registers,
    }),
    sessions: new Gauge({ name: 'passerelle_sessions', help: 'Open sessions', labelNames: ['door'], registers }),
    authenticationFailures: new Counter({
      name: 'passerelle_authentication_failures_total',
      help: 'Credentials that were not accepted',
      labelNames: ['door'],
      registers,
    }),
    outboxAttempts: new Counter({
      name: 'passerelle_outbox_attempts_total',
      help: 'Attempts at later work that ended, by task and outcome: done, to be made again, or given up (dead)',
      labelNames: ['task', 'outcome'],
      registers,
    }),
    recordCopies: new Counter({
      name: 'passerelle_record_copies_total',
      help: 'Documents whose copy to the national record has ended, by outcome: fed, refused or left out (not-fed)',
      labelNames: ['outcome'],
      registers,
    }),
    upstreamAnswers: new Counter({
      name: 'passerelle_upstream_answers_total',
      help: 'Questions to other directories, by outcome: found, nobody, several, stale (an older answer stood in) or unreachable',
      labelNames: ['directory', 'outcome'],
      registers,
    }),
    upstreamFailures: new Counter({
      name: 'passerelle_upstream_failures_total',
      help: 'Servers of other directories that did not answer as they should, by code',
      labelNames: ['directory', 'because'],
      registers,
    }),
    syncLines: new Counter({
      name: 'passerelle_directory_sync_lines_total',
      help: 'Lines of files that feed the registry, taken or refused',
      labelNames: ['source', 'outcome'],
      registers,
    }),
    syncFilesRefused: new Counter({
      name: 'passerelle_directory_sync_files_refused_total',
      help: 'Files in the citizens’ folder that are no feed, by code',
      labelNames: ['because'],
      registers,
    }),
    blobsCollected: new Counter({ name: 'passerelle_blobs_collected_total', help: 'Orphaned blobs removed', registers }),
    unexpectedErrors: new Counter({
      name: 'passerelle_unexpected_errors_total',
      help: 'Errors that are ours',
      labelNames: ['where'],
      registers,
    }),
  };
}

/** The text of /metrics: this process's figures, with those of its workers when there are any. */
export function metricsText(metrics: Metrics): Promise<string> {
  return gatherMetrics(metrics.registry);
}
