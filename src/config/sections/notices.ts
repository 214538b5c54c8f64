// Notices to citizens' ordinary e-mail addresses: that something waits for them, and nothing else. domain.md §2, requirement 58.
import { z } from 'zod';
import { about, count, host, oneOf, path, port, secret, section } from '../kinds.ts';

const smarthost = section('The server that takes notices for ordinary e-mail addresses', {
  host: host().meta(about('Its name', 'smtp.example')),
  port: port().default(587).meta(about('Its port', '587')),
  tls: oneOf('none', 'starttls', 'require')
    .default('require')
    .meta(about('none: clear text; starttls: TLS when it is offered; require: nothing is sent without TLS', 'require')),
  authorityFile: path().optional().meta(about('PEM file of the only authority trusted for its certificate', '/etc/passerelle/web-pki.pem')),
  user: z.string().min(1).optional().meta(about('The account there; none when it asks for none', 'passerelle')),
  password: z.string().min(1).optional().meta(secret('The password of that account', 'secret')),
});

/** The settings of notices. */
export const notices = section("Notices to citizens' ordinary e-mail addresses; silent without a smarthost", {
  smarthost: smarthost.optional(),
  from: z
    .email({ error: 'expected an e-mail address' })
    .default('ne-pas-repondre@patient.mssante.fr')
    .meta(about('Who the notices come from: an ordinary address of yours', 'ne-pas-repondre@operateur.example')),
  readAt: z
    .url({ error: 'expected an address that begins with https://', protocol: /^https$/ })
    .optional()
    .meta(about('Where people read their letters; named in the notices', 'https://messagerie.operateur.example')),
  quietHours: count(1, 720).default(24).meta(about('Hours after a notice during which the same citizen gets no other of its kind', '24')),
  perMinute: count(1, 100_000).default(300).meta(about('Notices handed to the smarthost in a minute at most', '300')),
});
