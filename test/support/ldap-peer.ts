// An LDAP server that answers what the test says, byte by byte: what no honest server does. RFC 4511.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { BerReader, BerWriter } from 'ldapts';
import { firstElement } from '../../directory/upstream/ber.ts';

/** A request as it came: its number, its first byte, its bytes whole, and its place among those of its connection, from 1. */
export type PeerRequest = { readonly id: number; readonly operation: number; readonly bytes: Buffer; readonly count: number };

/** First bytes of requests. RFC 4511 §4.2 to §4.14. */
export const requestTag = { bind: 0x60, unbind: 0x42, search: 0x63, extended: 0x77 };

/** Such a server. */
export type LdapPeer = {
  readonly url: string;
  readonly requests: PeerRequest[];
  connections(): number;
  close(): Promise<void>;
};

/** Starts one on a free port of loopback. */
export async function startLdapPeer(answer: (request: PeerRequest, socket: Socket) => void): Promise<LdapPeer> {
  const requests: PeerRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    let heard: Buffer = Buffer.alloc(0);
    let count = 0;
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      for (let length = wholeLength(heard); length !== undefined; length = wholeLength(heard)) {
        const message = heard.subarray(0, length);
        heard = heard.subarray(length);
        count += 1;
        const request = { ...read(message), count };
        requests.push(request);
        answer(request, socket);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Bytes of a result: 0x61 to a bind, 0x65 to a search, 0x78 to an extension. `refersTo` are the addresses of a referral. */
export function resultOf(id: number, operation: number, code: number, refersTo: readonly string[] = []): Buffer {
  return message(id, operation, (writer) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString('');
    if (refersTo.length === 0) return;
    writer.startSequence(0xa3);
    for (const url of refersTo) writer.writeString(url);
    writer.endSequence();
  });
}

/** Bytes of an entry. */
export function entryOf(id: number, dn: string, attributes: Readonly<Record<string, readonly string[]>>): Buffer {
  return message(id, 0x64, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, values] of Object.entries(attributes)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const value of values) writer.writeString(value);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}

/** Bytes of a reference to another server. */
export function referenceOf(id: number, url: string): Buffer {
  return message(id, 0x73, (writer) => writer.writeString(url));
}

function message(id: number, operation: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(operation);
  write(writer);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

/** Undefined while none is whole, and for a TLS handshake, which is not a message. */
function wholeLength(heard: Buffer): number | undefined {
  return heard[0] === 0x30 ? firstElement(heard, 1_000_000)?.end : undefined;
}

function read(bytes: Buffer): Pick<PeerRequest, 'id' | 'operation' | 'bytes'> {
  const reader = new BerReader(bytes);
  reader.readSequence();
  const id = reader.readInt() ?? 0;
  return { id, operation: reader.peek() ?? 0, bytes };
}
