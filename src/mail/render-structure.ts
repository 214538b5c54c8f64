// BODY and BODYSTRUCTURE of a letter, rendered from its description. RFC 3501 §7.4.2 (grammar: `body`), message/global as RFC 9051 §9.
import { isLetterType } from './content-fields.ts';
import { imapString } from './imap-string.ts';
import type { MimePart } from './mime-part.ts';
import type { Parameters } from './parameters.ts';
import { emptyEnvelope } from './render-envelope.ts';

/** `basic` is BODY, `extended` is BODYSTRUCTURE (MD5, disposition, language, location). */
export type StructureForm = 'basic' | 'extended';

/** The structure in IMAP's parenthesised form, one character per byte. */
export function renderStructure(part: MimePart, form: StructureForm): string {
  return `(${part.children ? multipart(part, part.children, form) : single(part, form)})`;
}

function multipart(part: MimePart, children: readonly MimePart[], form: StructureForm): string {
  const head = `${children.map((child) => renderStructure(child, form)).join('')} ${imapString(part.subtype)}`;
  return form === 'basic' ? head : `${head} ${parameters(part.params)} ${extension(part)}`;
}

function single(part: MimePart, form: StructureForm): string {
  const fields = [
    imapString(part.type),
    imapString(part.subtype),
    parameters(part.params),
    imapString(part.id),
    imapString(part.description),
    imapString(part.encoding ?? '7bit'),
    String(part.end - part.bodyStart),
  ];
  if (isLetterType(part) && part.message)
    fields.push(part.envelope ?? emptyEnvelope, renderStructure(part.message, form), String(part.lines));
  else if (part.type === 'text') fields.push(String(part.lines));
  if (form === 'extended') fields.push(imapString(part.md5), extension(part));
  return fields.join(' ');
}

function extension(part: MimePart): string {
  const disposition = part.disposition ? `(${imapString(part.disposition.value)} ${parameters(part.disposition.params)})` : 'NIL';
  return `${disposition} ${language(part.language)} ${imapString(part.location)}`;
}

function language(tags: readonly string[] | undefined): string {
  return tags ? `(${tags.map(imapString).join(' ')})` : 'NIL';
}

function parameters(params: Parameters | undefined): string {
  if (!params || params.length === 0) return 'NIL';
  return `(${params.map(([name, value]) => `${imapString(name)} ${imapString(value)}`).join(' ')})`;
}
