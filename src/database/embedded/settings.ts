// How the embedded server is set. Everything is given on the command line, where it wins over postgresql.conf: durability
// and silence about parameters are promises of the gateway, not preferences.

/** What the caller chooses. */
export type EmbeddedSettings = {
  /** The gateway's data folder; the server's own is `postgres` inside it. */
  readonly dataDir: string;
  /** Where the copy of PostgreSQL's programs is kept, shared by every data folder of this machine. */
  readonly programsDir: string;
  readonly sharedBuffersBytes: number;
  readonly maxConnections: number;
  /** False in tests only: nothing is synced, a power cut destroys the data. */
  readonly durable: boolean;
};

/** Only the name of a file inside the socket's folder: nothing listens on a network. */
export const socketPort = 5432;

/** The server's arguments after `-D <folder>`. */
export function serverArguments(settings: EmbeddedSettings, socketFolder: string): string[] {
  const durable = settings.durable ? 'on' : 'off';
  const values: Record<string, string | number> = {
    listen_addresses: '',
    port: socketPort,
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    max_connections: settings.maxConnections,

    // Durable, then 250.
    fsync: durable,
    synchronous_commit: durable,
    full_page_writes: durable,
    // On macOS plain fsync stops at the drive's cache.
    ...(process.platform === 'darwin' && settings.durable ? { wal_sync_method: 'fsync_writethrough' } : {}),

    // Bounded memory: short statements, no parallel workers, no compiler.
    shared_buffers: `${Math.max(1, Math.round(settings.sharedBuffersBytes / 1024))}kB`,
    work_mem: '4MB',
    maintenance_work_mem: '32MB',
    autovacuum_max_workers: 2,
    autovacuum_worker_slots: 2,
    max_worker_processes: 2,
    max_parallel_workers: 0,
    max_parallel_workers_per_gather: 0,
    max_parallel_maintenance_workers: 0,
    // PostgreSQL 18 starts three processes that read ahead; one mailbox is read by keys and does not profit.
    io_method: 'sync',
    jit: 'off',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    max_wal_size: '512MB',

    // Health data never reaches the log: `log` hides errors, whose text and detail quote values and statements.
    log_destination: 'stderr',
    logging_collector: 'off',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_min_duration_statement: -1,
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_connections: '',
    log_checkpoints: 'off',
    log_lock_waits: 'off',
    log_temp_files: -1,
    log_autovacuum_min_duration: -1,
    log_line_prefix: '%m [%p] ',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
