// The alphabets of METADATA.XML and of CDA: what their declaration says, wherever the bytes are cut.
import { expect, test } from 'vitest';
import { inSubset, letterWith, metadata, readLetter, readZip } from './documents.ts';
import { zip } from './zip.ts';

const titled = (declaration: string) =>
  `${declaration}\n<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Été</title><component/></ClinicalDocument>`;
const files = (content: Buffer) => [inSubset('METADATA.XML', metadata()), inSubset('DOC00001.XML', content, { method: 0 })];
const read = async (content: Buffer) => {
  const { documents, because } = await readZip(zip(files(content)));
  return because ?? documents[0]?.title;
};

test.each(['ISO-8859-1', 'iso-8859-15', 'Windows-1252'])('requirement 47: one byte a letter, in %s', async (charset) => {
  expect(await read(Buffer.from(titled(`<?xml version="1.0" encoding="${charset}"?>`), 'latin1'))).toBe('Été');
  expect(await read(Buffer.from(titled(`<?xml version='1.0' encoding = '${charset}' ?>`), 'latin1'))).toBe('Été');
});

test.each([
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<?xml version="1.0" encoding="utf8"?>',
  '<?xml version="1.0" encoding="US-ASCII"?>',
  '<?xml version="1.0"?>',
  '',
  '<!-- <?xml version="1.0" encoding="ISO-8859-1"?> -->',
])('requirement 47: UTF-8, declared %j', async (declaration) => {
  expect(await read(Buffer.from(titled(declaration)))).toBe('Été');
});

test.each(['UTF-16', 'x-iso-8859-1', 'iso-8859-10', 'iso-8859-2', 'windows-12520', 'xutf-8', 'utf-80', 'us-ascii-7'])(
  'requirement 47: the charset %s is not read',
  async (charset) => {
    expect(await read(Buffer.from(titled(`<?xml version="1.0" encoding="${charset}"?>`)))).toBe('wrong-charset');
  },
);

/** The title that is read when the letter's blocks of 16 KiB cut the document after so many bytes. */
async function readCut(content: Buffer, after: number): Promise<string | undefined> {
  const behind = (bytes: number) => zip([{ name: 'SCAN.BIN', content: Buffer.alloc(bytes), method: 0 }, ...files(content)]);
  const archive = behind(16_384 - after - behind(0).indexOf(content));
  expect(archive.indexOf(content)).toBe(16_384 - after);
  const { documents } = await readLetter(letterWith({ name: 'IHE_XDM.zip', encoding: 'binary', encoded: archive }));
  return documents[0]?.title;
}

test.each([1, 20, 41])('requirement 47: a declaration that is cut after %d bytes is read all the same', async (after) => {
  expect(await readCut(Buffer.from(titled('<?xml version="1.0" encoding="ISO-8859-1"?>'), 'latin1'), after)).toBe('Été');
});

test('requirement 47: a letter of two bytes that is cut between them is one letter', async () => {
  const content = Buffer.from(titled(`<!--${' '.repeat(1000)}-->`));
  expect(await readCut(content, content.indexOf('É') + 1)).toBe('Été');
});
