// The SOAP envelope inside an HTTP answer: the answer itself, or the root of a multipart/related package. RFC 2387, XOP 1.0 §4.
import { parseHeaders } from '../../mail/headers.ts';
import { parameter, parseParameterised } from '../../mail/parameters.ts';

/** The envelope's bytes, or undefined when the answer holds none that can be read. */
export function envelopeOf(contentType: string, body: Buffer): Buffer | undefined {
  const { value, params } = parseParameterised(contentType);
  if (value === 'application/soap+xml' || value === 'text/xml' || value === 'application/xml') return body;
  const boundary = parameter(params, 'boundary');
  if (value !== 'multipart/related' || boundary === undefined) return undefined;
  const parts = partsOf(body, boundary);
  const start = parameter(params, 'start');
  const root = start === undefined ? parts[0] : parts.find((part) => bare(part.headers.get('content-id')) === bare(start));
  const encoding = root?.headers.get('content-transfer-encoding')?.trim().toLowerCase() ?? 'binary';
  // What an envelope is never sent in is not undone here.
  return root && /^(binary|7bit|8bit)$/.test(encoding) ? root.content : undefined;
}

/** How many boundaries are looked at: an honest answer has its envelope, and nothing else. */
const maxParts = 16;

function partsOf(body: Buffer, boundary: string): { headers: ReturnType<typeof parseHeaders>; content: Buffer }[] {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // RFC 2046 §5.1.1: the line break before a boundary belongs to it, and the first may stand at the very beginning.
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: { headers: ReturnType<typeof parseHeaders>; content: Buffer }[] = [];
  let at = text.indexOf(delimiter);
  for (let seen = 0; at >= 0 && seen < maxParts; seen += 1) {
    const lineEnd = text.indexOf('\r\n', at + delimiter.length);
    const next = text.indexOf(delimiter, at + delimiter.length);
    if (lineEnd < 0 || next < 0) break;
    const headEnd = text.indexOf('\r\n\r\n', lineEnd);
    if (headEnd >= 0 && headEnd + 2 <= next) {
      parts.push({ headers: parseHeaders(text.subarray(lineEnd + 2, headEnd + 4)), content: text.subarray(headEnd + 4, next) });
    }
    at = next;
  }
  return parts;
}

function bare(contentId: string | undefined): string | undefined {
  return contentId?.trim().replace(/^<|>$/g, '');
}
