// One IHE_XDM.zip: what its METADATA.XML say and what its CDA headers say, put together document by document. domain.md §3.4.
import { type ArchiveEntry, archiveEntries } from './archive-entries.ts';
import type { DecodedPart } from './decoded-part.ts';
import { DocumentsProblem } from './documents-problem.ts';
import { entryContent } from './entry-content.ts';
import { comparablePath, folderOf, safePath } from './entry-names.ts';
import type { HealthDocument } from './health-document.ts';
import { mergeWritten } from './merge-written.ts';
import { mergePatients } from './patients.ts';
import { present } from './present.ts';
import { type CdaHeader, readCda } from './read-cda.ts';
import { type MetadataEntry, readMetadata } from './read-metadata.ts';
import type { XmlBudget } from './read-xml.ts';
import type { DescribedDocument } from './written-metadata.ts';
import { readZipDirectory } from './zip-directory.ts';

/** A document, and of a CDA what is written of it and where its bytes are. */
export type FoundDocument = {
  readonly document: HealthDocument;
  readonly cda?: Omit<DescribedDocument, keyof HealthDocument>;
};

/** The documents of the archive, those METADATA.XML does not list included. Throws DocumentsProblem. */
export async function readArchive(part: DecodedPart, budget: XmlBudget): Promise<readonly FoundDocument[]> {
  const files = archiveEntries(await readZipDirectory(part));
  const listed = await readListed(part, files, budget);
  const cdas = new Map<string, CdaHeader>();
  const isXml = (path: string) =>
    path.endsWith('.xml') || listed.some((document) => document.path === path && document.entry.mimeType?.includes('xml'));
  for (const [path, file] of files) {
    if (!isXml(path) || isMetadata(path)) continue;
    const cda = await readCda(entryContent(part, file), budget);
    if (cda) cdas.set(path, cda);
  }
  const unlisted = [...cdas.keys()].filter((path) => !listed.some((document) => document.path === path));
  const found = ({ path, entry }: { readonly path: string; readonly entry?: MetadataEntry }): FoundDocument => {
    const [cda, file] = [cdas.get(path), files.get(path)];
    const document = describeDocument(entry, cda);
    return cda && file ? { document, cda: describeCda(part, file, cda, entry) } : { document };
  };
  const documents = [...listed.map(found), ...unlisted.map((path) => found({ path }))];
  if (documents.length === 0) throw new DocumentsProblem('no-document');
  return documents;
}

type Listed = { readonly path: string; readonly entry: MetadataEntry };

async function readListed(part: DecodedPart, files: ReadonlyMap<string, ArchiveEntry>, budget: XmlBudget): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  const metadata = [...files].filter(([path]) => isMetadata(path));
  if (metadata.length === 0) throw new DocumentsProblem('no-metadata');
  for (const [path, file] of metadata) {
    for (const entry of await readMetadata(entryContent(part, file), budget)) {
      if (entry.uri === undefined) throw new DocumentsProblem('document-missing');
      listed.push({ path: comparablePath(folderOf(path) + safePath(entry.uri)), entry });
    }
  }
  if (listed.some((document) => !files.has(document.path))) throw new DocumentsProblem('document-missing');
  return listed;
}

function isMetadata(path: string): boolean {
  return path === 'metadata.xml' || path.endsWith('/metadata.xml');
}

const hiddenFromGuardians = ['INVISIBLE_REPRESENTANTS_LEGAUX', 'INVISIBLE_REP_LEGAUX'];

function describeDocument(entry: MetadataEntry | undefined, cda: CdaHeader | undefined): HealthDocument {
  const codes = [...(entry?.confidentiality ?? []), ...(cda?.confidentiality ?? [])].map((code) => code.toUpperCase());
  const confidentiality = [...new Set(codes)].filter((code) => code !== '');
  return {
    ...present({ uniqueId: entry?.uniqueId ?? cda?.uniqueId, title: entry?.title ?? cda?.title }),
    ...present({ typeCode: entry?.typeCode, codeOfCda: cda?.code }),
    patients: mergePatients([...(entry?.patients ?? []), ...(cda?.patients ?? [])]),
    confidentiality,
    relations: [...(entry?.relations ?? []), ...(cda?.relations ?? [])],
    isHiddenFromPatient: confidentiality.includes('INVISIBLE_PATIENT'),
    isHiddenFromGuardians: hiddenFromGuardians.some((code) => confidentiality.includes(code)),
  };
}

function describeCda(
  part: DecodedPart,
  file: ArchiveEntry,
  cda: CdaHeader,
  entry: MetadataEntry | undefined,
): NonNullable<FoundDocument['cda']> {
  return {
    ...present({ uniqueIdOfCda: cda.uniqueId }),
    written: mergeWritten(cda.written, entry?.written),
    sizeBytes: file.sizeBytes,
    open: () => entryContent(part, file),
  };
}
