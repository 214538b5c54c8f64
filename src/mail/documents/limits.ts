// How much of a letter's archives is read. Far above any honest archive (a letter carries 20 MiB about one patient), low enough that
// the worst one gets its verdict in a fifth of a second and a few megabytes.

/** Archives in one letter. */
export const maxArchives = 10;
/** Entries of one archive, folders included. */
export const maxEntries = 1000;
/** What all entries of one archive say they hold once inflated. */
export const maxInflatedBytes = 256 * 1024 * 1024;
/** How many times smaller than its content an entry may be; deflate itself ends near 1,030. */
export const maxRatio = 200;
/** Below this size any ratio is harmless: blank pages compress well. */
export const harmlessBytes = 4 * 1024 * 1024;
/** Of METADATA.XML and of CDA headers, all those of one letter together. */
export const maxXmlBytes = 2 * 1024 * 1024;
/** Elements of the same documents; a METADATA.XML has about a hundred for each of its own. */
export const maxElements = 30_000;
/** Elements inside elements. */
export const maxDepth = 64;
/** On one element. */
export const maxAttributes = 64;
/** Characters of one tag, text, comment or instruction; a signature kept in a CDA header is a tenth of it. */
export const maxTokenLength = 128 * 1024;
/** Authors of one document, and codes of one kind; those beyond are not heard. */
export const maxWritten = 50;
