// A multipart body is the same whatever the network makes of it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutElement } from '../../../src/demo/dmp-server/cut-element.ts';
import { splitParts } from '../../../src/demo/dmp-server/split-parts.ts';

async function split(
  body: Buffer,
  cuts: readonly number[],
  boundary = 'b',
): Promise<readonly { id: string | undefined; content: Buffer }[]> {
  const chunks = async function* () {
    let at = 0;
    for (const cut of [...cuts].sort((a, b) => a - b)) {
      if (cut > at && cut < body.length) {
        yield body.subarray(at, cut);
        at = cut;
      }
    }
    yield body.subarray(at);
  };
  const parts: { id: string | undefined; content: Buffer }[] = [];
  for await (const { headers, body: part } of splitParts(chunks(), boundary)) {
    const content: Buffer[] = [];
    for await (const chunk of part) content.push(chunk);
    parts.push({ id: headers.get('content-id'), content: Buffer.concat(content) });
  }
  return parts;
}

/** Bytes that look like delimiters, and are none. */
const content = fc
  .array(fc.constantFrom('\r\n', '--', '\r\n--', '-', 'a', '\r', '\n', '\u0000', 'é'), { maxLength: 12 })
  .map((pieces) => Buffer.from(pieces.join('')));

test('parts come out as they went in, wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(300), { maxLength: 12 }),
      async (contents, cuts) => {
        const body = Buffer.concat([
          ...contents.flatMap((one, index) => [Buffer.from(`--b\r\nContent-ID: <${index}>\r\n\r\n`), one, Buffer.from('\r\n')]),
          Buffer.from('--b--\r\n'),
        ]);
        const parts = await split(body, cuts);
        expect(parts).toEqual(contents.map((one, index) => ({ id: `<${index}>`, content: one })));
      },
    ),
  );
});

test.each([
  ['ends in the middle of a part', '--b\r\nA: b\r\n\r\nabc'],
  ['has no delimiter', 'abc'],
  ['follows a delimiter with something else', '--bc\r\n\r\n\r\n--b--'],
  ['has a header without a name', '--b\r\n: b\r\n\r\nabc\r\n--b--'],
  ['has headers without end', `--b\r\nA: ${'b'.repeat(20_000)}\r\n\r\n\r\n--b--`],
])('a body that %s is no multipart', async (_what, body) => {
  await expect(split(Buffer.from(body), [])).rejects.toThrow();
});

test.each<[string, string, string | undefined]>([
  [
    'stands alone',
    '<a xmlns="urn:x" xmlns:y="urn:y"><y:b c="é𝄞">t</y:b></a>',
    '<holder xmlns="urn:x" xmlns:y="urn:y"><y:b c="é𝄞">t</y:b></holder>',
  ],
  ['is empty', '<y:b xmlns:y="urn:y"/>', '<holder><y:b xmlns:y="urn:y"/></holder>'],
  ['is also written in a comment', '<a xmlns:y="urn:y"><!--<y:b>--><y:b/></a>', '<holder xmlns:y="urn:y"><y:b/></holder>'],
  ['is there twice', '<a xmlns:y="urn:y"><y:b/><y:b/></a>', undefined],
  ['holds another', '<y:b xmlns:y="urn:y"><y:b/></y:b>', undefined],
  ['is of another namespace', '<y:b xmlns:y="urn:z"/>', undefined],
])('an element that %s is cut out so', (_what, text, cut) => {
  expect(cutElement(text, { uri: 'urn:y', local: 'b' })).toBe(cut);
});
