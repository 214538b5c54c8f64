// The header of a document that was fed: its own id, and whom it says it is about. Read as it streams; the body is not looked at.
import { createReadStream } from 'node:fs';
import { SaxesParser } from 'saxes';

const hl7Ns = 'urn:hl7-org:v3';

/** What the header says. `patients`: every id of every patient, as `oid` and `matricule`. */
export type CdaHeader = { readonly uniqueId: string; readonly patients: readonly { readonly oid: string; readonly matricule: string }[] };

/** The header of the file; undefined when it is not a CDA. */
export async function readCdaHeader(file: string): Promise<CdaHeader | undefined> {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const path: string[] = [];
  const patients: { oid: string; matricule: string }[] = [];
  let uniqueId: string | undefined;
  let isBody = false;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new SyntaxError('doctype');
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    path.push(uri === hl7Ns ? local : '');
    const [root, extension] = ['root', 'extension'].map((name) => attributes[name]?.value ?? '');
    const at = path.join('/');
    if (at === 'ClinicalDocument/id') uniqueId = extension === '' ? root : `${root}^${extension}`;
    if (at === 'ClinicalDocument/recordTarget/patientRole/id') patients.push({ oid: root ?? '', matricule: extension ?? '' });
    if (at === 'ClinicalDocument/component') isBody = true;
  });
  parser.on('closetag', () => void path.pop());
  const content = createReadStream(file, { encoding: 'utf8' });
  try {
    for await (const chunk of content) {
      parser.write(String(chunk));
      if (isBody) break;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error;
    return undefined;
  } finally {
    content.destroy();
  }
  return uniqueId === undefined || !isBody ? undefined : { uniqueId, patients };
}
