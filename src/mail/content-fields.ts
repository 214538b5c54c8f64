// The Content-* fields of one part, read with their defaults. RFC 2045 §5.2, RFC 2046 §5.1.5 (digest), RFC 2183, RFC 3282.
import type { Headers } from './headers.ts';
import type { MimePart } from './mime-part.ts';
import { type ParameterisedValue, parameter, parseParameterised } from './parameters.ts';
import { trimBlank } from './trim-blank.ts';

/** A part's description without its place in the letter. */
export type ContentFields = Omit<MimePart, 'headerStart' | 'bodyStart' | 'end' | 'lines' | 'children' | 'message' | 'envelope'>;

const typeShape = /^([!#$%&'*+.^_`{|}~0-9a-z-]+)\s*\/\s*([!#$%&'*+.^_`{|}~0-9a-z-]+)$/;
const plainText: ContentFields = { type: 'text', subtype: 'plain', params: [['charset', 'us-ascii']] };
const innerLetter: ContentFields = { type: 'message', subtype: 'rfc822' };

/** Reads the Content-* fields. `inDigest`: the parent is multipart/digest, where a part is a letter unless it says otherwise. */
export function readContentFields(headers: Headers, inDigest: boolean): ContentFields {
  const disposition = parsed(headers.binary('content-disposition'));
  const encoding = parsed(headers.binary('content-transfer-encoding'))?.value;
  const language = headers
    .binary('content-language')
    ?.split(',')
    .map((tag) => trimBlank(tag))
    .filter((tag) => tag !== '');
  return {
    ...contentType(headers.binary('content-type'), inDigest),
    ...optional('id', headers.binary('content-id')),
    ...optional('description', headers.binary('content-description')),
    ...(encoding && encoding !== '7bit' ? { encoding } : {}),
    ...optional('md5', headers.binary('content-md5')),
    ...(disposition?.value ? { disposition } : {}),
    ...(language && language.length > 0 ? { language: language.slice(0, 20) } : {}),
    ...optional('location', headers.binary('content-location')),
  };
}

/** True for a part a reader would call an attachment: it says so, has a file name, or is not text. Requirement 16. */
export function isAttachment(content: ContentFields): boolean {
  if (content.disposition?.value === 'attachment' || content.type !== 'text') return true;
  const named = ['filename', 'filename*'].some((name) => parameter(content.disposition?.params, name) !== undefined);
  return named || ['name', 'name*'].some((name) => parameter(content.params, name) !== undefined);
}

/** True for a part whose body is itself a letter that can be read in place. A wrapping encoding (RFC 2046 §5.2.1 forbids it) hides it. */
export function isInnerLetter(content: ContentFields): boolean {
  return isLetterType(content) && (content.encoding === undefined || content.encoding === '8bit' || content.encoding === 'binary');
}

/** message/rfc822 and message/global (RFC 6532 §3.7). */
export function isLetterType(content: Pick<ContentFields, 'type' | 'subtype'>): boolean {
  return content.type === 'message' && (content.subtype === 'rfc822' || content.subtype === 'global');
}

function contentType(field: string | undefined, inDigest: boolean): ContentFields {
  const fallback = inDigest ? innerLetter : plainText;
  const content = parsed(field);
  if (!content) return fallback;
  const match = typeShape.exec(content.value);
  const params = content.params.length > 0 ? { params: content.params } : {};
  if (match) return { type: match[1] ?? '', subtype: match[2] ?? '', ...params };
  return content.value === 'text' ? { type: 'text', subtype: 'plain', ...params } : fallback;
}

function parsed(field: string | undefined): ParameterisedValue | undefined {
  return field === undefined ? undefined : parseParameterised(field);
}

function optional<Name extends 'id' | 'description' | 'md5' | 'location'>(
  name: Name,
  value: string | undefined,
): { [Key in Name]?: string } {
  return value ? ({ [name]: value } as { [Key in Name]?: string }) : {};
}
