// Whatever is asked of another directory is asked as a value: no text, however it is written, is read as a filter or as part of one.
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { elementsOf } from '../../directory/upstream/ber.ts';
import { UpstreamServer } from '../../directory/upstream/upstream-server.ts';
import { systemClock } from '../../src/core/clock.ts';
import { entryOf, type PeerRequest, requestTag, resultOf, startLdapPeer } from '../support/ldap-peer.ts';
import { regionBase, startRegion } from '../support/region.ts';

const equality = 0xa3;
const searchDone = 0x65;

/** What a filter is written with, in all the ways that have ever been read as one. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom('*', '(', ')', '\\', '\0', '\\2a', '\\28', '&', '|', '!', '=', '~=', '>=', 'uid', '%', "'", '"', ' ', 'é', '😀'),
      {
        maxLength: 20,
      },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('*', '*)(uid=*', 'x)(|(mail=*', '*)(objectClass=*))(&(a=b', '\\', '\\00', '', ' x ', '#04024869'),
);

const settings = { startTls: false, baseDn: regionBase, connections: 1, timeoutMs: 60_000 };

/** The filter of a search, from its bytes: its first byte and the elements inside. RFC 4511 §4.5.1. */
function filterOf(bytes: Buffer) {
  const [message] = elementsOf(bytes);
  const [, operation] = elementsOf(message?.content ?? Buffer.alloc(0));
  const parts = elementsOf(operation?.content ?? Buffer.alloc(0));
  const filter = parts[6] ?? expect.fail('A search without a filter');
  return { count: parts.length, tag: filter.tag, inside: elementsOf(filter.content).map(({ content }) => content.toString()) };
}

test('no injection: what is asked is one equality, of exactly the value', async () => {
  const searches: Buffer[] = [];
  const answer = ({ id, operation, bytes }: PeerRequest, socket: Socket) => {
    if (operation !== requestTag.search) return;
    searches.push(bytes);
    socket.write(Buffer.concat([entryOf(id, 'uid=a', { mail: ['a@b.example'] }), resultOf(id, searchDone, 0)]));
  };
  const peer = await startLdapPeer(answer);
  onTestFinished(() => peer.close());
  const server = new UpstreamServer({ ...settings, url: peer.url }, systemClock);
  onTestFinished(() => server.close());
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom('mail', 'mssINS'), async (value, attribute) => {
      await server.search({ attribute, value, attributes: ['mail'], mostEntries: 10 });
      const asked = searches.pop() ?? Buffer.alloc(0);
      expect(filterOf(asked)).toEqual({ count: 8, tag: equality, inside: [attribute, Buffer.from(value).toString()] });
      expect(searches).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('no injection: slapd finds by such a value whoever has it, and nobody else', async () => {
  const slapd = await startRegion();
  onTestFinished(() => slapd.stop());
  const server = new UpstreamServer({ ...settings, url: slapd.url }, systemClock);
  onTestFinished(() => server.close());
  const find = (value: string) => server.search({ attribute: 'cn', value, attributes: ['mail'], mostEntries: 10 });
  await fc.assert(
    fc.asyncProperty(hostile, async (value) => {
      expect(await find(value)).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(await find('Dominique PAT-TROIS')).not.toEqual([]);
});
