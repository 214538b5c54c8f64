// The shape of the tree: a root, two branches, mailboxes as leaves. Every name a client may send leads to one place in it.
//   <base> · ou=professionnels,<base> · mail=<address>,ou=professionnels,<base> · ou=patients,<base> · mssINS=<INS>,ou=patients,<base>
import { type Address, parseAddress } from '../core/address.ts';
import { type Ins, parseIns } from '../core/ins.ts';
import { type Dn, parseDn, type Rdn, sameValue, writeRdn } from './distinguished-name.ts';
import { knownAttribute } from './schema/known-names.ts';

/** Where the schema stands. RFC 4512 §4.2. */
export const subschemaDn = 'cn=Subschema';

/** What a name stands for. A leaf is a name that could be: whether it is, is for a search to say. */
export type Place =
  | { readonly is: 'root' | 'subschema' | 'base' | 'professionals' | 'patients' }
  | { readonly is: 'professional'; readonly address: Address }
  | { readonly is: 'patient'; readonly ins: Ins }
  /** No entry can have this name; `matchedDn` is the part of it that exists. */
  | { readonly is: 'nowhere'; readonly matchedDn: string };

/** The tree under one root. */
export class Tree {
  readonly baseDn: string;
  readonly professionalsDn: string;
  readonly patientsDn: string;
  readonly #base: Dn;
  readonly #citizensDomain: string;

  /** Throws when the base is no name, or the empty one. */
  constructor(baseDn: string, citizensDomain: string) {
    const base = parseDn(baseDn);
    if (!base || base.length === 0) throw new Error('The base of the LDAP tree is not a distinguished name');
    this.#base = base;
    this.#citizensDomain = citizensDomain;
    this.baseDn = base.map((rdn) => rdn.map(({ type, value }) => writeRdn(type, value)).join('+')).join(',');
    this.professionalsDn = `ou=professionnels,${this.baseDn}`;
    this.patientsDn = `ou=patients,${this.baseDn}`;
  }

  /** What the base is called: `o` and `mssante` in `o=mssante,c=fr`. */
  get baseName(): { readonly type: string; readonly value: string } {
    const [first] = this.#base[0] ?? [];
    if (!first) throw new Error('A base has a first part');
    return first;
  }

  /** The name of a professional's entry. */
  professionalDn(address: Address): string {
    return `${writeRdn('mail', address)},${this.professionalsDn}`;
  }

  /** The name of a citizen's entry. */
  patientDn(ins: Ins): string {
    return `${writeRdn('mssINS', ins)},${this.patientsDn}`;
  }

  /** Where a name leads. */
  placeOf(dn: Dn): Place {
    if (dn.length === 0) return { is: 'root' };
    if (dn.length === 1 && isNamed(dn[0], 'cn', 'Subschema')) return { is: 'subschema' };
    const depth = dn.length - this.#base.length;
    const isInside = depth >= 0 && this.#base.every((rdn, at) => isSameRdn(rdn, dn[depth + at]));
    if (!isInside) return { is: 'nowhere', matchedDn: '' };
    if (depth === 0) return { is: 'base' };
    const branch = isNamed(dn[depth - 1], 'ou', 'professionnels')
      ? ('professionals' as const)
      : isNamed(dn[depth - 1], 'ou', 'patients')
        ? ('patients' as const)
        : undefined;
    if (!branch) return { is: 'nowhere', matchedDn: this.baseDn };
    if (depth === 1) return { is: branch };
    const leaf = depth === 2 ? this.#leaf(branch, dn[0]) : undefined;
    return leaf ?? { is: 'nowhere', matchedDn: branch === 'patients' ? this.patientsDn : this.professionalsDn };
  }

  #leaf(branch: 'professionals' | 'patients', rdn: Rdn | undefined): Place | undefined {
    const [pair, ...others] = rdn ?? [];
    if (!pair || others.length > 0) return undefined;
    const name = knownAttribute(pair.type)?.name;
    const address = name === 'mail' || name === 'uid' ? parseAddress(pair.value) : undefined;
    if (branch === 'professionals') return address && { is: 'professional', address };
    const [local = '', domain] = address?.split('@') ?? [];
    const ins = name === 'mssINS' ? parseIns(pair.value) : domain === this.#citizensDomain ? parseIns(local) : undefined;
    return ins && { is: 'patient', ins };
  }
}

function isNamed(rdn: Rdn | undefined, type: string, value: string): boolean {
  return isSameRdn([{ type, value }], rdn);
}

function isSameRdn(a: Rdn, b: Rdn | undefined): boolean {
  const same = (one: Rdn[number], other: Rdn[number]) => typeOf(one) === typeOf(other) && sameValue(one.value, other.value);
  return a.length === b?.length && a.every((pair) => b.some((other) => same(pair, other)));
}

function typeOf({ type }: Rdn[number]): string {
  return knownAttribute(type)?.name ?? type.toLowerCase();
}
