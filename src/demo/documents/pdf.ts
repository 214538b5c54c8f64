// A letter on one page of PDF 1.4: Helvetica, WinAnsi, lines wrapped by the font's own widths. For the people who open the attachment
// without health software; the CDA is the document. ISO 32000-1 §7.5 (file structure), annex D (WinAnsiEncoding).

/** What stands on the page. */
export type PdfPage = {
  readonly title: string;
  readonly author: string;
  readonly writtenAt: Date;
  /** In order, from the top. A heading is bold. */
  readonly blocks: readonly PdfBlock[];
};

export type PdfBlock = { readonly kind: 'title' | 'heading' | 'text'; readonly text: string };

/** A page can hold only so much. */
export class PageFullError extends Error {
  override readonly name = 'PageFullError';
}

// A4 in points, with the margin letters have.
const page = { width: 595, height: 842, margin: 64 };
const sizes = { title: 16, heading: 12, text: 10.5 } as const;

/** The file, ready to attach. Throws PageFullError when the blocks do not fit on one page. */
export function renderPdf(content: PdfPage): Buffer {
  const drawing = drawBlocks(content.blocks);
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /Lang (fr-FR) /ViewerPreferences << /DisplayDocTitle true >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${page.width} ${page.height}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>`,
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
    `<< /Title ${textString(content.title)} /Author ${textString(content.author)} /Producer (Passerelle) /CreationDate (D:${pdfDate(content.writtenAt)}) >>`,
  ];
  // Everything here is one byte a character (latin1 strings), so that lengths of strings are offsets in the file.
  let file = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 7 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file + table + trailer, 'latin1');
}

function drawBlocks(blocks: readonly PdfBlock[]): string {
  const drawn: string[] = [];
  let y = page.height - page.margin;
  for (const block of blocks) {
    const size = sizes[block.kind];
    if (block.kind === 'heading') y -= size * 0.6;
    for (const line of wrap(winAnsi(block.text), size)) {
      y -= size * 1.45;
      if (y < page.margin) throw new PageFullError('The letter does not fit on one page');
      drawn.push(`BT /${block.kind === 'text' ? 'F1' : 'F2'} ${size} Tf ${page.margin} ${y.toFixed(2)} Td ${literal(line)} Tj ET`);
    }
    y -= size * 0.4;
  }
  return drawn.join('\n');
}

function wrap(text: string, size: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) * size > page.width - 2 * page.margin) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Width of a line in ems, never less than Helvetica's or Helvetica-Bold's: capitals and wide letters, narrow ones, the rest. */
function widthOf(text: string): number {
  return [...text].reduce((total, sign) => total + (/[ijl.,;:'’!| ]/.test(sign) ? 0.34 : /[A-ZÀ-ÞmwMW@%]/.test(sign) ? 0.86 : 0.6), 0);
}

// WinAnsi differs from Latin-1 in 0x80–0x9F: the signs French text needs from there.
const winAnsiSigns: Readonly<Record<string, string>> = {
  '€': '\x80',
  '…': '\x85',
  Œ: '\x8c',
  '‘': '\x91',
  '’': '\x92',
  '“': '\x93',
  '”': '\x94',
  '–': '\x96',
  '—': '\x97',
  œ: '\x9c',
  '\u202f': '\xa0',
};

/** One character a byte; what WinAnsi lacks becomes a question mark, what controls a line becomes a space. */
function winAnsi(text: string): string {
  const line = text.normalize('NFC').replaceAll(/\p{Cc}/gu, ' ');
  return [...line].map((sign) => winAnsiSigns[sign] ?? (/[\x20-\x7e\xa0-\xff]/.test(sign) ? sign : '?')).join('');
}

/** A literal string (§7.3.4.2) of characters already in WinAnsi. */
function literal(text: string): string {
  return `(${text.replaceAll(/[\\()]/g, (sign) => `\\${sign}`)})`;
}

/** A text string (§7.9.2.2) in UTF-16BE, as the document's information wants it: no encoding to get wrong. */
function textString(text: string): string {
  return `<${Buffer.from(`\ufeff${text}`, 'utf16le').swap16().toString('hex')}>`;
}

function pdfDate(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
