// Notices to citizens' ordinary e-mail addresses: that something waits for them, and nothing else. domain.md §2, requirement 58.
import { z } from 'zod';
import { parseAddress } from '../../core/address.ts';
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

const addressText = 'expected an e-mail address';

/** The settings of notices. */
export const notices = section("Notices to citizens' ordinary e-mail addresses; silent without a smarthost", {
  smarthost: smarthost.optional(),
  from: z
    .string({ error: addressText })
    .refine((text) => parseAddress(text) !== undefined, addressText)
    .optional()
    .meta(
      about(
        'Who the notices come from: an ordinary address of yours, whose domain lets the smarthost send for it',
        'ne-pas-repondre@operateur.example',
      ),
    ),
  readAt: z
    .url({ error: 'expected an address that begins with https://', protocol: /^https$/ })
    .optional()
    .meta(about('Where people read their letters; named in the notices', 'https://messagerie.operateur.example')),
  changeAt: z
    .string()
    .regex(/^[^\p{Cc}]{1,300}$/u, 'expected one line of 1 to 300 characters')
    .optional()
    .meta(
      about(
        'How people change their choice, as the notices say it: a page, an address, a telephone number',
        '01 23 45 67 89, du lundi au vendredi',
      ),
    ),
  quietHours: count(1, 720).default(24).meta(about('Hours after a notice during which the same citizen gets no other', '24')),
  perMinute: count(1, 100_000).default(300).meta(about('Notices handed to the smarthost in a minute at most', '300')),
});
