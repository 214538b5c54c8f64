// Work that was given up, in the words of whoever has to decide about it. Of its content nothing; of people only what kind they are,
// unless their addresses are asked for.
import { type Address, domainOf } from '../core/address.ts';
import { RefusedError } from '../core/errors.ts';
import type { Parties } from '../delivery/outbox-parties.ts';
import type { OutboxState } from '../delivery/schema.ts';
import { UsageError } from './failures.ts';
import { identifierIn } from './name-row.ts';
import type { CommandWorld } from './with-database.ts';

/** What `--help` says of the argument and the option that choose. */
export const workHelp = {
  id: 'son identifiant dans passerelle dead list',
  kind: 'une seule sorte de travail, par son nom : relay-letter, send-report…',
  by: 'qui le demande ; par défaut votre compte sur cette machine',
} as const;

const works: Readonly<Record<string, string>> = {
  'relay-letter': 'courrier pour un autre opérateur',
  'deliver-held-letter': 'remise d’un courrier retenu',
  'send-report': 'rapport à un expéditeur',
  'send-receipt': 'accusé de lecture',
  'send-absence': 'réponse d’absence',
  'send-legal-notice': 'rappel du délai de lecture',
  'answer-test-letter': 'réponse de l’adresse de test',
  'send-notice': 'avis à une adresse ordinaire',
  'copy-to-dmp': 'copie au dossier médical partagé',
  'send-integration-error': 'erreur d’intégration à un expéditeur',
  'send-hidden-notice': 'avis d’un document masqué',
  'review-idle-boxes': 'revue des messageries sans connexion',
  'send-idle-notice': 'avis d’une messagerie sans connexion',
  'watch-test-identities': 'recherche d’identités de test',
  'synchronise-directory': 'mise à jour de l’annuaire par l’extraction nationale',
  'take-citizen-feed': 'lecture des fichiers de citoyens',
  'tell-hidden-documents': 'avis des documents masqués',
  'show-hidden-documents': 'ouverture des documents masqués',
  'show-document': 'ouverture d’un document masqué',
  'expire-courses': 'échéance des courriers sans nouvelles',
  'expire-quarantine': 'fin de quarantaine',
  'collect-orphan-blobs': 'ménage des fichiers',
  'forget-letters': 'oubli des courriers anciens',
  'forget-citizen-questions': 'oubli des questions sur des patients',
  'purge-outbox': 'oubli du travail fini',
};

/** A kind of work for a person; its own name when there are no words for it. */
export function workText(kind: string): string {
  return works[kind] ?? kind;
}

/** Where a row stands. */
export const workStates = {
  waiting: 'repris, pas encore fait',
  done: 'repris, et fait',
  dead: 'abandonné',
  dropped: 'écarté pour de bon',
} as const satisfies Record<OutboxState, string>;

/** The row that was named. Throws UsageError for what is no identifier. */
export function nameWork(typed: string): string {
  const id = identifierIn(typed);
  if (id === undefined) throw new UsageError('Un travail se nomme par l’identifiant que donne passerelle dead list.');
  return id;
}

/** What a command says that found no such row. */
export function noSuchWork(): RefusedError {
  return new RefusedError('work-unknown', 'Aucun travail n’est abandonné sous cet identifiant : il est inconnu, repris, écarté ou oublié');
}

/** What kind of person an address is, without the address. */
export type PersonKind = 'citizen' | 'professional-here' | 'elsewhere';

const personTexts = {
  citizen: ['un citoyen', 'citoyens'],
  'professional-here': ['une boîte professionnelle d’ici', 'boîtes professionnelles d’ici'],
  elsewhere: ['un correspondant d’ailleurs', 'correspondants d’ailleurs'],
} as const satisfies Record<PersonKind, readonly [string, string]>;

/** The kinds of those whom the work is about. */
export function kindsOf({ config }: CommandWorld, { senders, recipients }: Parties): Record<keyof Parties, PersonKind[]> {
  const kindOf = (address: Address): PersonKind => {
    const domain = domainOf(address);
    if (domain === config.hostedDomains.citizens || domain === config.limits.remoteCitizens.domain) return 'citizen';
    return config.hostedDomains.professionals.includes(domain) ? 'professional-here' : 'elsewhere';
  };
  return { senders: senders.map(kindOf), recipients: recipients.map(kindOf) };
}

/** `un citoyen, 2 correspondants d’ailleurs`; `personne` when nobody is named. */
export function peopleText(kinds: readonly PersonKind[]): string {
  const texts = (Object.keys(personTexts) as PersonKind[]).flatMap((kind) => {
    const count = kinds.filter((one) => one === kind).length;
    const [one, many] = personTexts[kind];
    return count === 0 ? [] : [count === 1 ? one : `${count} ${many}`];
  });
  return texts.length === 0 ? 'personne' : texts.join(', ');
}
