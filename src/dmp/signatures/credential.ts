// The structure's credential, from its two files: checked when the gateway starts, so that what is wrong is said to the operator then and
// not to the senders of documents later. domain.md §6: one certificate may open the connection and sign.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError, type ConfigProblem } from '../../config/problems.ts';

/** The structure's key and certificate: they open the connection to the record and sign what is sent there. */
export type SigningCredential = {
  /** PEM of the private key. */
  readonly key: string;
  /** PEM of the structure's certificate, then of those it was issued under: what TLS presents. */
  readonly chain: string;
  /** The private key and the structure's certificate alone, read once: reading them again costs more than signing. */
  readonly signingKey: KeyObject;
  readonly certificate: X509Certificate;
};

const certificateKey = 'dmp.certificateFile';
const privateKeyKey = 'dmp.keyFile';

/** Reads and checks both files. Throws ConfigError: missing, not PEM, not RSA, not a pair, not in use at `now`. */
export async function loadCredential(
  files: { readonly certificateFile: string; readonly keyFile: string },
  now: Date,
): Promise<SigningCredential> {
  const [chain, key] = await Promise.all([readPem(certificateKey, files.certificateFile), readPem(privateKeyKey, files.keyFile)]);
  const certificate = firstCertificate(chain);
  if (!certificate) throw refused({ key: certificateKey, seen: files.certificateFile, problem: 'holds no PEM certificate' });
  const privateKey = readKey(key);
  if (!privateKey) throw refused({ key: privateKeyKey, seen: files.keyFile, problem: 'holds no PEM private key without a password' });
  const problems = [...judgeKey(privateKey, certificate), ...judgeCertificate(certificate, now)];
  if (problems.length > 0) throw refused(...problems);
  return { key, chain, signingKey: privateKey, certificate };
}

function refused(...problems: readonly ConfigProblem[]): ConfigError {
  return new ConfigError(problems);
}

async function readPem(key: string, file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw refused({ key, seen: file, problem: `cannot be read (${cause.code ?? 'unknown reason'})` });
  });
}

/** The first of the file: chains come behind it. */
function firstCertificate(pem: string): X509Certificate | undefined {
  const [first] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  try {
    return first === undefined ? undefined : new X509Certificate(first);
  } catch {
    return undefined;
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function judgeKey(key: KeyObject, certificate: X509Certificate): readonly ConfigProblem[] {
  if (key.asymmetricKeyType !== 'rsa') return [{ key: privateKeyKey, problem: 'expected an RSA key: the record takes RSA signatures' }];
  if (certificate.checkPrivateKey(key)) return [];
  return [{ key: privateKeyKey, problem: `is not the key of the certificate in ${certificateKey}` }];
}

function judgeCertificate({ validFrom, validTo, ca }: X509Certificate, now: Date): readonly ConfigProblem[] {
  const problem = (text: string): ConfigProblem => ({ key: certificateKey, problem: text });
  return [
    ...(ca ? [problem("begins with an authority's certificate; expected the structure's first, its chain behind it")] : []),
    ...(now < new Date(validFrom) ? [problem(`is good from ${validFrom} on`)] : []),
    ...(now > new Date(validTo) ? [problem(`ended on ${validTo}`)] : []),
  ];
}
