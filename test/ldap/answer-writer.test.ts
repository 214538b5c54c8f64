// A client that does not read its answers costs no more memory than one that does.
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { AnswerWriter, ClientGoneError } from '../../src/ldap/wire/answer-writer.ts';
import { until } from '../support/until.ts';

const entry = Buffer.alloc(1024, 'x');
const most = 10_000;

/** A client that takes what it is given one piece at a time, when it is told to. */
function slowReader() {
  const pieces: number[] = [];
  let take: (() => void) | undefined;
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      take = () => {
        take = undefined;
        pieces.push(chunk.length);
        done();
      };
    },
  });
  return { stream, received: () => pieces.reduce((sum, bytes) => sum + bytes, 0), read: () => take?.() };
}

async function sendAll(writer: AnswerWriter, sent: { entries: number }): Promise<void> {
  for (; sent.entries < most; sent.entries += 1) await writer.write(entry);
  await writer.flush();
}

test('ten thousand entries for a client that does not read wait where they come from, and are all there when it reads', async () => {
  const reader = slowReader();
  const sent = { entries: 0 };
  const isSent = sendAll(new AnswerWriter(reader.stream), sent);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent.entries).toBeLessThan(64);
  expect(reader.stream.writableLength).toBeLessThan(64 * entry.length);
  await until('everything was read', () => {
    for (let step = 0; step < 100; step += 1) reader.read();
    return reader.received() === most * entry.length;
  });
  await isSent;
});

test('a client that leaves without reading is not written to any more', async () => {
  const reader = slowReader();
  const sent = { entries: 0 };
  const isSent = sendAll(new AnswerWriter(reader.stream), sent);
  const failed = expect(isSent).rejects.toThrow(ClientGoneError);
  await new Promise((resolve) => setImmediate(resolve));
  reader.stream.destroy();
  await failed;
  expect(sent.entries).toBeLessThan(64);
});
