// Where letters for other domains go, and how this gateway shows itself there.

/** How the connection to the next hop is protected. Certificates and keys are PEM texts. */
export type HopTls =
  | { /** Clear text, whatever the other side offers: a sink on the same machine. */ readonly mode: 'none' }
  | {
      /** `starttls` uses TLS when it is offered; `require` sends nothing without it. A wrong certificate is never accepted. */
      readonly mode: 'starttls' | 'require';
      /** The only authority that is trusted; without it, the machine's own. */
      readonly authority?: string;
      /** Shown when asked for: mutual TLS between operators. */
      readonly client?: { readonly key: string; readonly cert: string };
      /** The name its certificate must carry, when it is not `host`. */
      readonly serverName?: string;
    };

/** One server to hand letters to. */
export type NextHop = { readonly host: string; readonly port: number; readonly tls: HopTls };

/** Patience in milliseconds. RFC 5321 §4.5.3.2. */
export type RelayTimeouts = {
  /** Until the connection stands. */
  readonly connectMs: number;
  /** Until the greeting. */
  readonly greetingMs: number;
  /** Silence at any later point; §4.5.3.2.6 asks for ten minutes after the final dot. */
  readonly idleMs: number;
  /** Until a server that was told QUIT closes; then we do. */
  readonly farewellMs: number;
};

/** What RFC 5321 asks for. */
export const defaultTimeouts: RelayTimeouts = { connectMs: 30_000, greetingMs: 300_000, idleMs: 600_000, farewellMs: 5_000 };
