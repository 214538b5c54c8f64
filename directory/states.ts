// The life of a mailbox in the registry, and what each of its states allows. Requirement 21, domain.md §1.5.
// Pure: the same table serves the commands, the feeds and the resolver.

/**
 * A citizen's mailbox. `created`: made for them, nobody has signed in yet. `activated`: its holder has signed in. `opposed`: refused
 * before it was made. `closed`: by its holder, or at the end of a life. `reopened`: open again, by its holder's wish.
 */
export type CitizenState = 'created' | 'activated' | 'opposed' | 'closed' | 'reopened';

/** A professional's mailbox. `pending`: prepared, not open yet. `suspended`: shut for a time, by a person or after a long silence. */
export type BoxState = 'pending' | 'active' | 'suspended' | 'closed' | 'reopened';

/** Any state of the registry. */
export type RegistryState = CitizenState | BoxState;

/** What the rules of delivery need to know of a state. */
export type AddressState = 'active' | 'suspended' | 'closed' | 'opposed';

/** What a state lets its holder do. `appear`: be found in the address book. */
export type Rights = { readonly receive: boolean; readonly signIn: boolean; readonly appear: boolean };

const openness: Readonly<Record<RegistryState, AddressState>> = {
  created: 'active',
  activated: 'active',
  active: 'active',
  reopened: 'active',
  // Not open yet: letters are refused as by a suspended one, which says nothing of why.
  pending: 'suspended',
  suspended: 'suspended',
  closed: 'closed',
  opposed: 'opposed',
};

/** A state as the judge knows it. */
export function opennessOf(state: RegistryState): AddressState {
  return openness[state];
}

/** What the holder of a mailbox in this state may do. Whether a professional's appears depends on its red list and publication too. */
export function rightsIn(state: RegistryState): Rights {
  const isOpen = openness[state] === 'active';
  return { receive: isOpen, signIn: isOpen, appear: isOpen };
}

const citizenChanges: Readonly<Record<CitizenState, readonly CitizenState[]>> = {
  created: ['activated', 'opposed', 'closed'],
  activated: ['closed'],
  reopened: ['activated', 'closed'],
  opposed: ['reopened'],
  closed: ['reopened'],
};

const boxChanges: Readonly<Record<BoxState, readonly BoxState[]>> = {
  pending: ['active', 'closed'],
  active: ['suspended', 'closed'],
  reopened: ['suspended', 'closed'],
  suspended: ['reopened', 'closed'],
  closed: ['reopened'],
};

/** True when a citizen's mailbox may pass from one state to the other. */
export function citizenMayBecome(from: CitizenState, to: CitizenState): boolean {
  return citizenChanges[from].includes(to);
}

/** True when a professional's mailbox may pass from one state to the other. */
export function boxMayBecome(from: BoxState, to: BoxState): boolean {
  return boxChanges[from].includes(to);
}

/** True for a word that is a state of citizens' mailboxes. */
export function isCitizenState(word: string): word is CitizenState {
  return Object.hasOwn(citizenChanges, word);
}

/** True for a word that is a state of professionals' mailboxes. */
export function isBoxState(word: string): word is BoxState {
  return Object.hasOwn(boxChanges, word);
}
