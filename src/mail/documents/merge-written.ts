// One account of a document out of two: the CDA's header counts, METADATA.XML tells what it leaves out.
import { present } from './present.ts';
import type { WrittenCode, WrittenMetadata } from './written-metadata.ts';

/** `cda` before `entry`, event codes of both. */
export function mergeWritten(cda: WrittenMetadata, entry: WrittenMetadata | undefined): WrittenMetadata {
  if (!entry) return cda;
  return {
    ...entry,
    ...cda,
    ...withNames(cda, entry),
    eventCodes: eachOnce([...cda.eventCodes, ...entry.eventCodes]),
    authors: cda.authors.length > 0 ? cda.authors : entry.authors,
  };
}

const singles = ['typeCode', 'facilityType', 'practiceSetting'] as const;

/** A code the CDA gives barely has the table and the words that METADATA.XML gives the same code. */
function withNames(cda: WrittenMetadata, entry: WrittenMetadata): Partial<WrittenMetadata> {
  return Object.fromEntries(
    singles.flatMap((name) => {
      const [own, other] = [cda[name], entry[name]];
      return own && own.code === other?.code ? [[name, named(own, other)]] : [];
    }),
  );
}

function named(own: WrittenCode, other: WrittenCode): WrittenCode {
  return { code: own.code, ...present({ system: own.system ?? other.system, display: own.display ?? other.display }) };
}

function eachOnce(codes: readonly WrittenCode[]): readonly WrittenCode[] {
  const seen = new Map<string, WrittenCode>();
  for (const code of codes) {
    const same = seen.get(code.code);
    seen.set(code.code, same ? named(same, code) : code);
  }
  return [...seen.values()];
}
