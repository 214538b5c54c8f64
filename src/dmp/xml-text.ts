// XML as it is written to the record: a text is escaped where it is put in, once, so that no value can become markup. XML 1.0 §2.2, §2.4.

declare const xmlBrand: unique symbol;

/** Markup, ready to be sent. Made by element(), or taken as it stands by asWritten(). */
export type Xml = string & { readonly [xmlBrand]: true };

/** Attributes by name; an undefined one is left out. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** One element. A string is its text; a list is its children, undefined ones left out. `name` with its prefix. */
export function element(name: string, attributes: Attributes, content: string | readonly (Xml | undefined)[] = []): Xml {
  const written = Object.entries(attributes).map(([key, value]) => (value === undefined ? '' : ` ${key}="${escaped(value)}"`));
  const inner = typeof content === 'string' ? escaped(content) : content.join('');
  return (inner === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>`) as Xml;
}

/** Markup made elsewhere, which must not change by a byte: a signature covers it. */
export function asWritten(markup: string): Xml {
  return markup as Xml;
}

/** What XML 1.0 cannot carry, even as a reference. */
const impossible = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Good in a text and in an attribute: white space is written so that no reader makes something else of it. */
function escaped(text: string): string {
  return text.replace(impossible, '\ufffd').replace(/[&<>"\t\n\r]/g, (character) => references[character] ?? '');
}
