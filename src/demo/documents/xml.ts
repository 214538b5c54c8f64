// Text into XML: what every value of the demo's documents goes through.

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** The text as element content or attribute value. Control characters (XML 1.0 §2.2) are left out. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '').replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** A template whose values are escaped; an array of fragments already built by `xml` is joined as it stands. */
export function xml(parts: TemplateStringsArray, ...values: readonly (string | XmlFragment | readonly XmlFragment[])[]): XmlFragment {
  const text = parts.reduce((before, part, index) => before + rendered(values[index - 1] ?? '') + part);
  return { xml: text };
}

/** XML already escaped. */
export type XmlFragment = { readonly xml: string };

function rendered(value: string | XmlFragment | readonly XmlFragment[]): string {
  if (typeof value === 'string') return escapeXml(value);
  return 'xml' in value ? value.xml : value.map((fragment) => fragment.xml).join('\n');
}
