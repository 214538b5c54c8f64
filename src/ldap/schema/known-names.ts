// What a name in a request stands for: attributes and classes by any of their names or by number, as the schema itself says. The schema's
// text is the only list there is. RFC 4512 §2.5.
import { ownAttributeTypes, ownObjectClasses } from './own-schema.ts';
import { standardAttributeTypes, standardObjectClasses } from './standard-schema.ts';

/** Every attribute this directory knows. */
export const attributeTypes = [...standardAttributeTypes, ...ownAttributeTypes];

/** Every class. */
export const objectClasses = [...standardObjectClasses, ...ownObjectClasses];

type Definition = {
  readonly oid: string;
  readonly names: readonly string[];
  readonly parent?: string;
  readonly isOperational: boolean;
  /** Rules and syntax as the definition itself has them; what it leaves out is its parent's. RFC 4512 §2.5.1. */
  readonly equality?: string;
  readonly pieces?: string;
  readonly syntax?: string;
};

const attributes = index(attributeTypes);
const classes = index(objectClasses);

/** An attribute as a request names it. `name` is its first name in the schema; options are what follows a semicolon. RFC 4512 §2.5. */
export type NamedAttribute = { readonly name: string; readonly hasOptions: boolean };

/** Reads an attribute's description; undefined when the schema does not know it. */
export function knownAttribute(description: string): NamedAttribute | undefined {
  const [type = '', ...options] = description.trim().toLowerCase().split(';');
  const name = attributes.get(type.replace(/^oid\./, ''))?.names[0];
  return name === undefined ? undefined : { name, hasOptions: options.length > 0 };
}

/** The first name of a class; undefined when the schema does not know it. */
export function knownClass(nameOrOid: string): string | undefined {
  return classes.get(nameOrOid.trim().toLowerCase())?.names[0];
}

/** True when the first attribute is the second, or a kind of it: whoever asks for `name` asks for `cn` too. RFC 4512 §2.5.1. */
export function isKindOf(name: string, asked: string): boolean {
  for (let kind: string | undefined = name; kind !== undefined; kind = attributes.get(kind.toLowerCase())?.parent) {
    if (kind === asked) return true;
  }
  return false;
}

/** The rule by which an attribute is compared: with a whole value, or with pieces of one; undefined when it has none. RFC 4512 §4.1.2. */
export function ruleOf(name: string, by: 'equality' | 'pieces'): string | undefined {
  return inherited(name, by);
}

/** The number of the syntax of an attribute's values. RFC 4517 §3.3. */
export function syntaxOf(name: string): string | undefined {
  return inherited(name, 'syntax');
}

/** True for attributes that are sent only to those who name them, or ask for all of their kind by `+`. RFC 4512 §3.4. */
export function isOperational(name: string): boolean {
  return attributes.get(name.toLowerCase())?.isOperational ?? false;
}

function inherited(name: string, property: 'equality' | 'pieces' | 'syntax'): string | undefined {
  const definition = attributes.get(name.toLowerCase());
  return definition?.[property] ?? (definition?.parent === undefined ? undefined : inherited(definition.parent, property));
}

/** By every name in lower case, and by number. */
function index(texts: readonly string[]): ReadonlyMap<string, Definition> {
  const byName = new Map<string, Definition>();
  for (const definition of texts.map(readDefinition)) {
    for (const name of [definition.oid, ...definition.names]) byName.set(name.toLowerCase(), definition);
  }
  return byName;
}

function readDefinition(text: string): Definition {
  const [, oid = ''] = /^\( ([\d.]+)/.exec(text) ?? [];
  const [, one, several = ''] = / NAME (?:'([^']+)'|\(([^)]*)\))/.exec(text) ?? [];
  const [parent, equality, pieces, syntax] = [/ SUP (\w+)/, / EQUALITY (\w+)/, / SUBSTR (\w+)/, / SYNTAX ([\d.]+)/].map(
    (shape) => shape.exec(text)?.[1],
  );
  const names = one === undefined ? several.split(/[ ']+/).filter(Boolean) : [one];
  return {
    oid,
    names,
    ...(parent !== undefined && { parent }),
    isOperational: text.includes(' USAGE '),
    ...(equality !== undefined && { equality }),
    ...(pieces !== undefined && { pieces }),
    ...(syntax !== undefined && { syntax }),
  };
}
