// The directory: who exists, where it is fed from, whom else it asks. domain.md §1.5, §4, §5.
import { z } from 'zod';
import { about, count, flag, host, oneOf, path, port, section, url } from '../kinds.ts';

const words = () => z.string().trim().min(1);

/** A name of few plain parts: enough for the root of a tree of ours. RFC 4514. */
const distinguishedName = () =>
  words().regex(/^[a-z][a-z0-9-]*=[^\\"+,;<>=#]+(?:,\s*[a-z][a-z0-9-]*=[^\\"+,;<>=#]+)*$/i, 'expected a name such as o=mssante,c=fr');

const upstream = section('Another directory, asked for what this one does not know', {
  urls: z
    .array(url('ldap', 'ldaps'), { error: 'expected a list of addresses that begin with ldap:// or ldaps://' })
    .min(1, 'expected at least one address')
    .meta(about('Its servers, the preferred one first: the next one is asked when one fails', 'ldaps://annuaire.example')),
  startTls: flag().default(true).meta(about('ldap:// is upgraded before anything is said; false only inside one machine', 'true')),
  authorityFile: path()
    .optional()
    .meta(about('PEM file of the only authority trusted for its certificates', '/etc/passerelle/igc-sante.pem')),
  bindDn: words().optional().meta(about('Who asks; nobody when absent', 'cn=passerelle,ou=services,o=region,c=fr')),
  bindPasswordFile: path().optional().meta(about('File with the password that goes with it', '/etc/passerelle/upstream.password')),
  baseDn: words().meta(about('Where it is searched', 'o=region,c=fr')),
  insAttribute: words().default('mssINS').meta(about('The attribute that holds a matricule', 'mssINS')),
  timeoutMs: count(100, 60_000).default(2000).meta(about('Longest wait for one server', '2000')),
  connections: count(1, 64).default(4).meta(about('Connections kept to it by each process', '4')),
  freshSeconds: count(0, 86_400).default(300).meta(about('An answer is used again for this time without asking', '300')),
  staleHours: count(0, 720).default(24).meta(about('And for this time when no server answers', '24')),
});

/** The settings of directory/. */
export const directory = section('Who exists', {
  identities: oneOf('production', 'test')
    .default('production')
    .meta(about('In production, an identity made for tests (OID .10 or .11) raises an alarm', 'production')),
  cacheEntries: count(0, 10_000_000)
    .default(100_000)
    .meta(about('Addresses each process remembers, known or unknown; 0 asks each time', '100000')),
  upstreams: z
    .record(words(), upstream, { error: 'expected a table of directories, each by its name' })
    .default({})
    .meta(
      about(
        'Other directories by name, in the order they are asked',
        '{"region":{"urls":["ldaps://annuaire.example"],"baseDn":"o=region,c=fr"}}',
      ),
    ),
  idle: section('Professional mailboxes that nobody opens; a delay of 0 never comes', {
    noticeDays: count(0, 36_500).default(365).meta(about('Days of silence after which the holder is written to', '365')),
    suspendDays: count(0, 36_500)
      .default(548)
      .meta(about('Days of silence after which the mailbox is suspended, until its holder signs in', '548')),
    unpublishDays: count(0, 36_500).default(730).meta(about('Days of silence after which it leaves the address book', '730')),
  }).prefault({}),
  extraction: section('The national extraction of mailboxes', {
    source: z
      .union([url('https'), path()])
      .optional()
      .meta(
        about(
          'Where it is: a file, or an address to fetch it from (text or ZIP); not synchronised when absent',
          '/srv/annuaire/extraction.zip',
        ),
      ),
    authorityFile: path()
      .optional()
      .meta(about('PEM file of the only authority trusted for that address', '/etc/passerelle/igc-sante.pem')),
    everyHours: count(1, 720).default(24).meta(about('Hours between two synchronisations', '24')),
  }).prefault({}),
  citizenFeed: section('Citizens, as files dropped in a folder', {
    folder: path()
      .optional()
      .meta(about('Where .csv and .ldif files appear; those read move to « done » beside them', '/srv/passerelle/feed')),
    everyMinutes: count(1, 1440).default(10).meta(about('Minutes between two looks', '10')),
  }).prefault({}),
});

/** The settings of src/ldap. */
export const ldap = section('The LDAP door: the address book of Outlook, Thunderbird and hospital software', {
  enabled: flag().default(true).meta(about('Opens the door', 'true')),
  host: host().default('0.0.0.0').meta(about('Address to listen on', '0.0.0.0')),
  port: port().default(389).meta(about('Port with StartTLS', '389')),
  tlsPort: port().default(636).meta(about('Port with TLS from the first byte', '636')),
  baseDn: distinguishedName().default('o=mssante,c=fr').meta(about('Root of the tree', 'o=mssante,c=fr')),
  maxEntries: count(1, 10_000).default(200).meta(about('Entries one search answers at most, whatever its pages', '200')),
  timeLimitSeconds: count(1, 300).default(10).meta(about('Longest search', '10')),
  citizenQuestionsPerHour: count(1, 100_000).default(60).meta(about('Exact questions about citizens, for one professional', '60')),
  maxConnections: count(1, 100_000).default(2000).meta(about('Connections open at once', '2000')),
});
