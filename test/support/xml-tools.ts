// Debian's xmlsec1 and xmllint, as judges of our XML who know nothing of our code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What xmlsec1 is to know. */
export type XmlsecOptions = {
  /** PEM of the only authority that is trusted. */
  readonly trustedPem: string;
  /** Elements whose attribute is an id, `Id:namespace:name`, besides those of XML Signature and XAdES. */
  readonly idAttrs?: readonly string[];
  /** What the URIs of a manifest lead to, nothing where it is not said; without any, manifests are not followed. */
  readonly files?: Readonly<Record<string, Buffer>>;
};

const signedProperties = 'Id:http://uri.etsi.org/01903/v1.3.2#:SignedProperties';

/** How it judged. `manifest`: references of manifests that are right, and all of them. */
export type XmlsecVerdict = { readonly isValid: boolean; readonly manifest: readonly [number, number]; readonly output: string };

/** Verifies the signature in the document. */
export function xmlsecVerify(xml: string | Buffer, { trustedPem, idAttrs = [], files = {} }: XmlsecOptions): XmlsecVerdict {
  return inFolder((folder) => {
    const write = (name: string, content: string | Buffer) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const ids = [signedProperties, ...idAttrs].flatMap((id) => [
      `--id-attr:${id.slice(0, id.indexOf(':'))}`,
      id.slice(id.indexOf(':') + 1),
    ]);
    // A URI that leads nowhere would end the program before it judged the rest.
    const named = [...xml.toString('utf8').matchAll(/ URI="(urn:[^"]+)"/g)].map(([, uri = '']) => [uri, Buffer.alloc(0)] as const);
    const followed = Object.keys(files).length === 0 ? {} : { ...Object.fromEntries(named), ...files };
    const urls = Object.entries(followed).flatMap(([url, content], index) => [`--url-map:${url}`, write(`${index}.bin`, content)]);
    const { status, stdout, stderr } = run('xmlsec1', [
      '--verify',
      ...(urls.length === 0 ? ['--ignore-manifests'] : urls),
      '--trusted-pem',
      write('trusted.pem', trustedPem),
      ...ids,
      write('signed.xml', xml),
    ]);
    const [, right, all] = /^Manifests References \(ok\/all\): (\d+)\/(\d+)$/m.exec(stdout + stderr) ?? [];
    return { isValid: status === 0, manifest: [Number(right ?? 0), Number(all ?? 0)], output: stdout + stderr };
  });
}

/** What xmllint finds wrong with the document; empty when it is well formed, and as the RELAX NG grammar of that file wants it. */
export function xmllint(xml: string | Buffer, grammarFile?: string): string {
  return inFolder((folder) => {
    const file = join(folder, 'document.xml');
    writeFileSync(file, xml);
    const grammar = grammarFile === undefined ? [] : ['--relaxng', grammarFile];
    const { status, stderr } = run('xmllint', ['--noout', '--nonet', ...grammar, file]);
    return status === 0 ? '' : stderr || `xmllint ended with ${status}`;
  });
}

function run(program: string, args: readonly string[]) {
  const done = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
  if (done.error) throw new Error(`${program} could not be run; Debian has it (CONTRIBUTING.md)`, { cause: done.error });
  return done;
}

function inFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-xml-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
