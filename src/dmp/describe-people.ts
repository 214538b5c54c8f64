// Who wrote a document and who answers for it, as the record wants them: author 1..*, legalAuthenticator 1..1. domain.md §6.
import type { WrittenMetadata, WrittenPerson } from '../mail/documents/written-metadata.ts';
import type { DocumentAuthor, DocumentEntry } from './document-entry.ts';

/** The people, or which are missing. An author without a name is left out; a legal authenticator needs an identifier too. */
export function describePeople(
  written: Pick<WrittenMetadata, 'authors' | 'legalAuthenticator'>,
): Pick<DocumentEntry, 'authors' | 'legalAuthenticator'> | 'no-author' | 'no-legal-authenticator' {
  const authors = written.authors.flatMap((person) => asAuthor(person) ?? []);
  if (authors.length === 0) return 'no-author';
  const legalAuthenticator = written.legalAuthenticator && asAuthor(written.legalAuthenticator);
  return legalAuthenticator?.id ? { authors, legalAuthenticator } : 'no-legal-authenticator';
}

function asAuthor({ id, familyName, givenName = '', institution, role, specialty }: WrittenPerson): DocumentAuthor | undefined {
  if (familyName === undefined) return undefined;
  const { id: institutionId, name } = institution ?? {};
  return {
    ...(id ? { id } : {}),
    familyName,
    givenName,
    ...(name === undefined ? {} : { institution: { ...(institutionId ? { id: institutionId } : {}), name } }),
    ...(role === undefined ? {} : { role }),
    ...(specialty?.system === undefined
      ? {}
      : { specialty: { code: specialty.code, system: specialty.system, display: specialty.display ?? specialty.code } }),
  };
}
