// The road to the DMP, the shared medical record. domain.md §6. What the public texts do not settle (marked RECALL) is a setting.
import { z } from 'zod';
import { about, count, flag, path, section } from '../kinds.ts';

const httpsUrl = () => z.url({ error: 'expected an address that begins with https://', protocol: /^https$/ });
const oid = () => z.string().regex(/^[0-2](\.(0|[1-9]\d*))+$/, 'expected an OID, for example 1.2.250.1.213.1.4.8');
const words = () => z.string().trim().min(1);

/** The settings of src/dmp. */
export const dmp = section('Copies to the DMP; none without endpoints', {
  endpoints: section('Where the DMP answers', {
    repository: httpsUrl().meta(about('Takes documents (TD2, TD2.1: ITI-41)', 'https://dmp.example/si-dmp-server/v2/services/repository')),
    status: httpsUrl().meta(about('Tells whether a record exists (TD0.2)', 'https://dmp.example/si-dmp-server/v2/services/patients')),
    registry: httpsUrl().meta(about('Changes visibility (TD3.3b: ITI-57)', 'https://dmp.example/si-dmp-server/v2/services/registry')),
  }).optional(),
  authorityFile: path()
    .optional()
    .meta(about("PEM file of the only authority trusted for the DMP's certificate", '/etc/passerelle/igc-sante.pem')),
  certificateFile: path()
    .optional()
    .meta(
      about("PEM file of the structure's certificate, followed by its chain: it opens the connection and signs", '/etc/passerelle/dmp.pem'),
    ),
  keyFile: path().optional().meta(about('PEM file of its private key', '/etc/passerelle/dmp.key')),
  structure: section('Who feeds the DMP: the structure that the certificate names', {
    id: z
      .string()
      .regex(/^(1\w{9}|3\d{14})$/, 'expected 1 and a FINESS of nine, or 3 and a SIRET of fourteen')
      .default('1000000000')
      .meta(about('Its national identifier: 1 and its FINESS, or 3 and its SIRET', '1990001018')),
    name: words().default('Opérateur MSSanté').meta(about('Its name', 'Centre hospitalier de Nancy')),
    sector: words().default('SA01').meta(about('Its sector of activity, a code of JDV_J61', 'SA01')),
  }).prefault({}),
  assertion: section('The VIHF assertion; its details are RECALL', {
    audience: words().default('https://dmp.gouv.fr').meta(about('Audience restriction', 'https://dmp.gouv.fr')),
    version: words().default('3.0').meta(about('VIHF_Version', '3.0')),
    resource: words().default('urn:dmp').meta(about('Ressource_URN: what is asked for', 'urn:dmp')),
    approval: words()
      .optional()
      .meta(about("LPS_ID_HOMOLOGATION_DMP: the software's approval number, when there is one", 'ABC-123456-xyz0')),
    lifetimeSeconds: count(30, 3600).default(300).meta(about('How long an assertion is good for', '300')),
  }).prefault({}),
  sourceOid: oid()
    .default('1.2.250.1.999.1')
    .meta(about('OID of this source: submission sets and their ids are drawn under it', '1.2.250.1.213.9.1')),
  copyReceived: flag()
    .default(true)
    .meta(about('Also copies what other operators send to citizens here; the same document by two roads stays one', 'true')),
  noticeAfterDays: count(1, 365).default(30).meta(about('Days after which a citizen is told that a hidden document exists', '30')),
  visibleAfterDays: count(1, 730).default(90).meta(about('Days after which a hidden document becomes visible', '90')),
  retryHours: count(1, 720).default(72).meta(about('Hours during which a copy is tried before its sender is told', '72')),
  timeoutSeconds: count(1, 600).default(30).meta(about('Longest silence of the DMP during an exchange', '30')),
  perMinute: count(1, 100_000).default(600).meta(about('Requests to the DMP in a minute at most', '600')),
});
