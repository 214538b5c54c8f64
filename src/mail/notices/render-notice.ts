// The two shapes of a notice's words: plain text, and a page that any reader, screen reader included, tells in the same order.
import type { NoticeTexts } from './notice-texts.ts';

/** Paragraphs parted by an empty line; links on a line of their own. */
export function toText({ paragraphs }: NoticeTexts): string {
  return `${paragraphs.map(({ words, link }) => (link === undefined ? words : `${words}\n${link}`)).join('\n\n')}\n`;
}

/** A whole document in French. Colours and sizes stay the reader's own; links show where they lead. */
export function toHtml({ subject, paragraphs }: NoticeTexts): string {
  const body = paragraphs.map(({ words, link }) => {
    const anchor = link === undefined ? '' : `<br>\n<a href="${escapeHtml(link)}">${escapeHtml(link)}</a>`;
    return `<p>${escapeHtml(unbroken(words))}${anchor}</p>`;
  });
  return [
    '<!DOCTYPE html>',
    '<html lang="fr">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(subject)}</title>`,
    '</head>',
    '<body>',
    '<main>',
    ...body,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** French puts a space before a colon; a line must not begin with one. */
function unbroken(words: string): string {
  return words.replaceAll(' :', '\u00a0:');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
