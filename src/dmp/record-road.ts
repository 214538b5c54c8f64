// The road to the national record as the pipeline takes it: the connector, and the numbers that the operator chose.
import type { RecordConnector } from './connector.ts';

/** Built once, from the settings of `dmp`. */
export type RecordRoad = {
  readonly connector: RecordConnector;
  /** Requests in a minute at most. */
  readonly perMinute: number;
  /** How long a copy is tried before its sender is told. */
  readonly retryMs: number;
  /** OID under which submission sets are named. */
  readonly sourceOid: string;
  /** How long after it was fed a hidden document is told of, and becomes visible. Requirement 51. */
  readonly noticeAfterMs: number;
  readonly visibleAfterMs: number;
};
