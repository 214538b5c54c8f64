// The longest run of characters that each element of the grammar may take, as sticky expressions: whoever uses one sets lastIndex first.
// Each takes one character per byte and looks at no byte twice, however long the run. RFC 3501 §9.

/** ATOM-CHAR: printable ASCII without the specials. */
export const atom = /[!#$&'+-[^-z|}~]+/y;
/** ASTRING-CHAR: those of an atom and `]`. */
export const astring = /[!#$&'+-[\]-z|}~]+/y;
/** list-char: those of an astring and the wildcards. */
export const listPattern = /[!#-'*-[\]-z|}~]+/y;
/** The names of items, keys and macros. */
export const keyword = /[A-Za-z0-9.-]+/y;
/** As many digits as JavaScript counts exactly; the caller checks that no more follow. */
export const digits = /\d{1,15}/y;
/** The characters of a sequence set. */
export const sequenceSet = /[\d:*,]+/y;
/** The characters of a date. */
export const date = /[A-Za-z0-9-]+/y;
/** A whole quoted string: TEXT-CHAR, and 8-bit bytes as RFC 9051 allows, which must then be valid UTF-8. */
export const quoted = /"[^"\\\r\n\0]*(?:\\["\\][^"\\\r\n\0]*)*"/y;
