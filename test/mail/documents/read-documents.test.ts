// The whole way: letters as software composes them, archives as libraries write them, disks that fail, bytes that changed on the way.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { dominiquePatTrois, leaMartin } from '../../../src/demo/cast.ts';
import { composeLiaisonMail } from '../../../src/demo/documents/lettre-de-liaison.ts';
import { compareMssHeaders } from '../../../src/mail/documents/compare-mss-headers.ts';
import { DocumentsProblem } from '../../../src/mail/documents/documents-problem.ts';
import { readDocuments } from '../../../src/mail/documents/read-documents.ts';
import { parseHeaders } from '../../../src/mail/headers.ts';
import {
  base64,
  cda,
  dominique,
  entry,
  honestArchive,
  letterBytes,
  letterWith,
  metadata,
  pair,
  readLetter,
  readZip,
  rootOf,
} from './documents.ts';
import { looking } from './fuzzing.ts';
import { zip } from './zip.ts';

test('requirements 41, 42, 47: the lettre de liaison of the story is read, and its X-MSS fields agree with it', async () => {
  const mail = await composeLiaisonMail(leaMartin, dominiquePatTrois, new Date('2026-11-20T09:00:00Z'));
  const sent = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail(mail);
  const letter = sent.message as Buffer;
  const reading = await readLetter(letter);
  expect(reading).toMatchObject({ documents: [{ codeOfCda: '11490-0', typeCode: '11490-0', isHiddenFromPatient: false }] });
  expect(reading.documents[0]?.patients).toEqual([
    {
      matricule: dominiquePatTrois.ins,
      oid: '1.2.250.1.213.1.4.10',
      birthName: dominiquePatTrois.birthName,
      firstGivenName: dominiquePatTrois.firstGivenName,
      birthDate: dominiquePatTrois.birthDate.replaceAll('-', ''),
      sex: dominiquePatTrois.sex,
    },
  ]);
  expect(compareMssHeaders(parseHeaders(letter), reading)).toEqual([]);
});

test.each([{}, { forceZip64Format: true }, { compress: false }])(
  'requirement 47: archives of another writer are read: yazl %j',
  async (options) => {
    const writer = new ZipFile();
    writer.addEmptyDirectory('IHE_XDM/SUBSET01');
    for (const { name, content } of pair()) writer.addBuffer(Buffer.from(content), String(name), options);
    writer.end({ forceZip64Format: 'forceZip64Format' in options, comment: 'archive' });
    expect(await readZip(await buffer(writer.outputStream))).toMatchObject({ documents: [{ codeOfCda: '34112-3' }] });
  },
);

test('requirement 47: archives that are streamed, sizes after the data, are read', async () => {
  const writer = new ZipFile();
  for (const { name, content } of pair()) writer.addReadStreamLazy(String(name), {}, (done) => done(null, readable(Buffer.from(content))));
  writer.end();
  expect(await readZip(await buffer(writer.outputStream))).toMatchObject({ documents: [{ codeOfCda: '34112-3' }] });
});

test('a problem names itself and its code, for the log, and nothing else', () => {
  expect(String(new DocumentsProblem('bomb'))).toBe('DocumentsProblem: Documents not read: bomb');
});

test('a letter without an archive has no documents', async () => {
  expect(await readLetter(letterWith(base64(honestArchive(), 'other.zip')))).toEqual({ documents: [] });
});

test('a disk that fails is not a damaged archive: its error passes through, wherever it strikes', async () => {
  // Longer than what is kept in memory, and hard to compress: some of it is read while it is inflated.
  const comments = noise(5000).map((piece) => `<!--${piece}-->`);
  const letter = letterWith(base64(zip(pair(metadata(entry(), ...comments)))));
  const root = rootOf(letter);
  const failure = Object.assign(new Error('The disk is gone'), { code: 'EIO' });
  let reads = 0;
  const failing = (at: number) => {
    reads = 0;
    const source = letterBytes(letter);
    return {
      ...source,
      async *read(start: number, end: number) {
        reads += 1;
        if (reads === at) throw failure;
        yield* source.read(start, end);
      },
    };
  };
  await readDocuments(root, failing(0));
  const total = reads;
  expect(total).toBeGreaterThan(20);
  for (let at = 1; at <= total; at += 1) await expect(readDocuments(root, failing(at))).rejects.toBe(failure);
});

test('once the verdict is there, nothing of the letter is being read any more, though its archive was left half-way', async () => {
  const letter = letterWith(base64(zip(pair(metadata(entry()), cda({ body: `<component>${noise(5000).join('')}` })))));
  let underWay = 0;
  const source = letterBytes(letter);
  const slow = {
    ...source,
    async *read(start: number, end: number) {
      underWay += 1;
      try {
        for (let turn = 0; turn < 20; turn += 1) await setImmediate();
        yield* source.read(start, end);
      } finally {
        underWay -= 1;
      }
    },
  };
  expect(await readDocuments(rootOf(letter), slow)).toMatchObject({ documents: [{ codeOfCda: '34112-3' }] });
  expect(underWay).toBe(0);
});

test('bytes that changed on the way always get a verdict, and never another error', async () => {
  const archive = zip([...pair(metadata(entry()), cda()), { name: 'a.bin', content: 'x', flags: 8, descriptor: Buffer.alloc(12) }]);
  const change = fc.record({ at: fc.nat(archive.length - 1), to: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const changed = Buffer.from(archive);
      for (const { at, to } of changes) changed[at] = to;
      const { documents, problem } = await readZip(changed);
      if (!problem) expect(documents.length).toBeGreaterThan(0);
    }),
    looking(300),
  );
});

test('an honest archive cut anywhere is unreadable, never a crash', async () => {
  const archive = honestArchive();
  for (let length = 0; length < archive.length; length += 13)
    expect((await readZip(archive.subarray(0, length))).problem).toBe('unreadable');
});

test('requirement 41: what one archive says counts though another is unreadable', async () => {
  const reading = await readLetter(letterWith(base64(Buffer.from('x')), base64(zip([])), base64(honestArchive())));
  expect(reading).toMatchObject({
    problem: 'unreadable',
    because: 'damaged-archive',
    documents: [{ patients: [{ matricule: dominique }] }],
  });
});

/** Pieces of 88 characters that hardly compress, the same every time. */
function noise(pieces: number): readonly string[] {
  let last = 'noise';
  return Array.from({ length: pieces }, () => {
    last = createHash('sha512').update(last).digest('base64');
    return last;
  });
}

async function* chunks(bytes: Buffer): AsyncIterable<Buffer> {
  yield await Promise.resolve(bytes);
}

function readable(bytes: Buffer): NodeJS.ReadableStream {
  return Readable.from(chunks(bytes));
}
