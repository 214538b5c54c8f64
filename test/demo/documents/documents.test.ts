// The letter the story sends: a CDA and its metadata that software can read, a PDF that people can read. ECO.2.1.1 to ECO.2.4.3.
import { createHash } from 'node:crypto';
import { type Attachment, createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { dominiquePatTrois, leaMartin, type Patient, paulDurand } from '../../../src/demo/cast.ts';
import { renderCda } from '../../../src/demo/documents/cda.ts';
import { letterOid, writeLiaisonLetter } from '../../../src/demo/documents/letter.ts';
import { composeLiaisonMail, renderLetterPdf } from '../../../src/demo/documents/lettre-de-liaison.ts';
import { PageFullError, renderPdf } from '../../../src/demo/documents/pdf.ts';
import { packXdm } from '../../../src/demo/documents/xdm.ts';
import { checkWellFormed, readZip } from './read-back.ts';

const writtenAt = new Date('2026-11-20T15:30:00Z');
const letter = writeLiaisonLetter(dominiquePatTrois, leaMartin, writtenAt);
const hostile: Patient = { ...dominiquePatTrois, birthName: `O'<NEIL> & "FILS"`, givenNames: 'A & B', firstGivenName: 'A\u0000<' };

test('the CDA is well formed and carries the INS with every trait of a qualified identity', () => {
  const cda = renderCda(letter).toString('utf8');
  expect(checkWellFormed(cda)).toBe('ClinicalDocument');
  for (const part of [
    '<id root="1.2.250.1.213.1.4.10" extension="279035121518989"/>',
    '<family qualifier="BR">PAT-TROIS</family>',
    '<given qualifier="BR">DOMINIQUE</given>',
    '<administrativeGenderCode code="F"',
    '<birthTime value="19790328"/>',
    '<county>51215</county>',
    '<code code="11490-0" displayName="Lettre de liaison"',
    `<id root="1.2.250.1.71.4.2.1" extension="${leaMartin.nationalId}"/>`,
    `<id root="1.2.250.1.71.4.2.2" extension="${leaMartin.structure.structureId}"/>`,
  ]) {
    expect(cda).toContain(part);
  }
});

test('names that look like XML stay text, in the CDA and in the metadata', async () => {
  const odd = writeLiaisonLetter(hostile, leaMartin, writtenAt);
  const cda = renderCda(odd);
  expect(checkWellFormed(cda.toString('utf8'))).toBe('ClinicalDocument');
  expect(cda.toString('utf8')).toContain('O&apos;&lt;NEIL&gt; &amp; &quot;FILS&quot;');
  const files = readZip(await packXdm(odd, cda));
  expect(checkWellFormed(files.get('IHE_XDM/SUBSET01/METADATA.XML')?.toString('utf8') ?? '')).toBe('lcm:SubmitObjectsRequest');
});

test('the archive holds its four files, and METADATA.XML tells the size and the hash of the CDA', async () => {
  const cda = renderCda(letter);
  const files = readZip(await packXdm(letter, cda));
  expect([...files.keys()]).toEqual(['README.TXT', 'INDEX.HTM', 'IHE_XDM/SUBSET01/METADATA.XML', 'IHE_XDM/SUBSET01/DOC00001.XML']);
  expect(files.get('IHE_XDM/SUBSET01/DOC00001.XML')).toEqual(cda);
  const metadata = files.get('IHE_XDM/SUBSET01/METADATA.XML')?.toString('utf8') ?? '';
  expect(slotValue(metadata, 'size')).toBe(String(cda.length));
  expect(slotValue(metadata, 'hash')).toBe(createHash('sha1').update(cda).digest('hex'));
  expect(slotValue(metadata, 'URI')).toBe('DOC00001.XML');
  expect(slotValue(metadata, 'sourcePatientId')).toBe('279035121518989^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH');
  expect(slotValue(metadata, 'languageCode')).toBe('fr-FR');
});

test('requirement 49: the CDA and its metadata bear the same unique id, which follows from the letter', async () => {
  const id = letterOid(letter, 'document');
  expect(id).toMatch(/^2\.25\.[1-9]\d+$/);
  const cda = renderCda(letter);
  expect(cda.toString('utf8')).toContain(`<id root="${id}"/>`);
  const metadata = readZip(await packXdm(letter, cda))
    .get('IHE_XDM/SUBSET01/METADATA.XML')
    ?.toString('utf8');
  expect(metadata).toContain(`value="${id}"`);
  expect(letterOid(writeLiaisonLetter(dominiquePatTrois, paulDurand, writtenAt), 'document')).not.toBe(id);
});

test('requirement 53: a corrected letter names the one it takes the place of, in the CDA, in the metadata and to whoever reads it', async () => {
  const corrected = writeLiaisonLetter(dominiquePatTrois, leaMartin, new Date('2026-11-21T09:00:00Z'), { replaces: letter });
  const cda = renderCda(corrected).toString('utf8');
  expect(checkWellFormed(cda)).toBe('ClinicalDocument');
  expect(cda).toMatch(
    new RegExp(
      `<relatedDocument typeCode="RPLC">\\s*<parentDocument>\\s*<id root="${letterOid(letter, 'document')}"/>\\s*` +
        `<setId root="${letterOid(letter, 'set')}"/>\\s*<versionNumber value="1"/>`,
    ),
  );
  expect(cda).toMatch(new RegExp(`<setId root="${letterOid(letter, 'set')}"/>\\s*<versionNumber value="2"/>\\s*<recordTarget>`));
  const [first, second] = await Promise.all(
    [letter, corrected].map(async (one) =>
      readZip(await packXdm(one, renderCda(one)))
        .get('IHE_XDM/SUBSET01/METADATA.XML')
        ?.toString('utf8'),
    ),
  );
  const entryOf = (metadata = '') => /<rim:ExtrinsicObject id="([^"]+)"/.exec(metadata)?.[1];
  expect(checkWellFormed(second ?? '')).toBe('lcm:SubmitObjectsRequest');
  expect(second).toContain(`AssociationType:RPLC" sourceObject="${entryOf(second)}" targetObject="${entryOf(first)}"`);
  expect(first).not.toContain('RPLC');
  const mail = await composeLiaisonMail(leaMartin, dominiquePatTrois, corrected.writtenAt, { replaces: letter });
  expect(mail.text).toContain('Cette lettre corrige celle du 20/11/2026 et la remplace.');
});

test('ids are not used twice in METADATA.XML', async () => {
  const metadata =
    readZip(await packXdm(letter, renderCda(letter)))
      .get('IHE_XDM/SUBSET01/METADATA.XML')
      ?.toString('utf8') ?? '';
  const ids = [...metadata.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every offset of the PDF leads to its object, and its stream has the length it says', () => {
  const pdf = renderLetterPdf(letter);
  const text = pdf.toString('latin1');
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const rows = text.slice(table).match(/^\d{10} \d{5} [nf] $/gm) ?? [];
  expect(text.slice(table)).toMatch(/^xref\n0 8\n/);
  expect(rows).toHaveLength(8);
  rows.slice(1).forEach((row, index) => {
    expect(text.slice(Number(row.slice(0, 10)))).toMatch(new RegExp(`^${index + 1} 0 obj\n`));
  });
  const stream = /<< \/Length (\d+) >>\nstream\n/.exec(text);
  const start = (stream?.index ?? 0) + (stream?.[0].length ?? 0);
  expect(text.slice(start + Number(stream?.[1]))).toMatch(/^\nendstream\nendobj/);
});

test('French letters are WinAnsi bytes in the PDF, and nothing can break out of a string', () => {
  const pdf = renderPdf({ title: 'Éé', author: 'É', writtenAt, blocks: [{ kind: 'text', text: 'cœur (à l’écoute) \\ 5 € \u202f漢' }] });
  expect(pdf.toString('latin1')).toContain('(c\x9cur \\(\xe0 l\x92\xe9coute\\) \\\\ 5 \x80 \xa0?) Tj');
  expect(pdf.toString('latin1')).toContain('/Title <feff00c900e9>');
});

test('a letter too long for its page is an error, not a cut letter', () => {
  const blocks = Array.from({ length: 80 }, () => ({ kind: 'text', text: 'Une ligne de plus.' }) as const);
  expect(() => renderPdf({ title: '', author: '', writtenAt, blocks })).toThrow(PageFullError);
});

test('ECO.2.1.3, ECO.2.1.6, ECO.2.4.1 to .3: subject, names of attachments and headers are those of the référentiel', async () => {
  const mail = await composeLiaisonMail(leaMartin, dominiquePatTrois, writtenAt);
  expect(mail.subject).toBe('XDM/1.0/DDM+Lettre de liaison PAT-TROIS DOMINIQUE 28/03/1979');
  expect(mail.to).toBe('279035121518989@patient.mssante.fr');
  const names = (mail.attachments as Attachment[]).map((attachment) => attachment.filename);
  expect(names).toEqual(['IHE_XDM.zip', '20261120_Lettre-de-liaison_PAT-TROIS_DOMINIQUE.pdf']);
  const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail(mail);
  const header = String(message).split('\r\n\r\n', 1)[0]?.toLowerCase();
  expect(header).toContain('x-mss-codecda: 11490-0');
  expect(header).toContain('x-mss-ins: o');
  expect(header).toContain('x-mss-nil: ');
});

test('the same date gives the same attachments', async () => {
  const contents = async () =>
    ((await composeLiaisonMail(leaMartin, dominiquePatTrois, writtenAt)).attachments as Attachment[]).map((one) => one.content);
  expect(await contents()).toEqual(await contents());
});

function slotValue(metadata: string, name: string): string | undefined {
  return new RegExp(`<rim:Slot name="${name}"><rim:ValueList><rim:Value>([^<]*)<`).exec(metadata)?.[1];
}
