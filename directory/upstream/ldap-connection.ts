// One connection to another directory, from the first byte to the last: reached, under TLS, bound, asked. RFC 4511, RFC 4513.
import { once } from 'node:events';
import { isIP, connect as reach, type Socket } from 'node:net';
import { connect as secure } from 'node:tls';
import { BindRequest, type Filter, ProtocolOperation, SearchRequest } from 'ldapts';
import { UnavailableError } from '../../src/core/errors.ts';
import { askForTls } from './ask-for-tls.ts';
import { LdapWire } from './ldap-wire.ts';
import type { FoundAttributes } from './read-answer.ts';

/** How a server is reached. */
export type ConnectionSettings = {
  /** `ldaps://host`, or `ldap://host`, with or without a port. */
  readonly url: string;
  /** `ldap://` is upgraded before anything is said. */
  readonly startTls: boolean;
  /** PEM of the only authority trusted; the machine's own without it. */
  readonly authority?: string;
  /** Who asks; nobody when absent. */
  readonly account?: { readonly dn: string; readonly password: string };
};

/** A search below a base. */
export type Search = {
  readonly baseDn: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly mostEntries: number;
  readonly timeLimitSeconds: number;
};

/** LDAP's own numbers. RFC 4511 appendix A. */
const resultCode = { success: 0, sizeLimitExceeded: 4, busy: 51, unavailable: 52 };

/** An open connection. It takes several questions at once. */
export class LdapConnection {
  readonly #wire: LdapWire;

  private constructor(wire: LdapWire) {
    this.#wire = wire;
  }

  /** Opens one within `timeoutMs`. Throws UnavailableError: `unreachable`, `timeout`, `tls` or `bind-refused`. */
  static async open(settings: ConnectionSettings, timeoutMs: number): Promise<LdapConnection> {
    const { protocol, hostname, port } = new URL(settings.url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const isTls = protocol === 'ldaps:';
    const raw = reach({ host, port: Number(port || (isTls ? 636 : 389)), noDelay: true, keepAlive: true });
    let socket = raw;
    let step = 'unreachable';
    let isLate = false;
    const end = () => {
      socket.destroy();
      raw.destroy();
    };
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, timeoutMs);
    try {
      await happens(raw, 'connect');
      if (isTls || settings.startTls) {
        step = 'tls';
        if (!isTls) await askForTls(raw);
        socket = secure({
          socket: raw,
          host,
          ...(isIP(host) === 0 && { servername: host }),
          ...(settings.authority !== undefined && { ca: settings.authority }),
          minVersion: 'TLSv1.2',
        });
        await happens(socket, 'secureConnect');
        step = 'unreachable';
      }
      const wire = new LdapWire(socket);
      if (settings.account) await bind(wire, settings.account);
      return new LdapConnection(wire);
    } catch (cause) {
      end();
      if (cause instanceof UnavailableError) throw cause;
      throw new UnavailableError(isLate ? 'timeout' : step, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when it has ended, whoever ended it. */
  get closed(): Promise<void> {
    return this.#wire.closed;
  }

  /** The entries found. Throws UnavailableError: `question-refused`, `unwell` when the server says that it is, `unreachable`. */
  async search({ baseDn, filter, attributes, mostEntries, timeLimitSeconds }: Search): Promise<readonly FoundAttributes[]> {
    const answer = await this.#wire
      .ask({
        write: (messageId) =>
          new SearchRequest({
            messageId,
            baseDN: baseDn,
            scope: 'sub',
            filter,
            attributes: [...attributes],
            sizeLimit: mostEntries,
            timeLimit: timeLimitSeconds,
          }),
        answeredBy: ProtocolOperation.LDAP_RES_SEARCH,
        mostEntries,
      })
      .catch((cause) => {
        throw new UnavailableError('unreachable', { cause });
      });
    if (answer.code === resultCode.success || answer.code === resultCode.sizeLimitExceeded) return answer.entries;
    const isUnwell = answer.code === resultCode.busy || answer.code === resultCode.unavailable;
    throw new UnavailableError(isUnwell ? 'unwell' : 'question-refused');
  }

  /** Says goodbye and ends. */
  close(): void {
    this.#wire.leave();
  }
}

async function bind(wire: LdapWire, { dn, password }: NonNullable<ConnectionSettings['account']>): Promise<void> {
  const write = (messageId: number) => new BindRequest({ messageId, dn, password });
  const { code } = await wire.ask({ write, answeredBy: ProtocolOperation.LDAP_RES_BIND, mostEntries: 0 });
  if (code !== resultCode.success) throw new UnavailableError('bind-refused');
}

/** Resolves with the event; rejects on an error or an end before it. */
async function happens(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  const waiting = new AbortController();
  socket.once('close', () => waiting.abort());
  try {
    await once(socket, event, { signal: waiting.signal });
  } finally {
    // Whoever speaks over it next hears of its errors by its end.
    socket.on('error', () => undefined);
  }
}
