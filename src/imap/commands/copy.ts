// COPY and UID COPY: the same letters in another folder too. All of them or none. RFC 3501 §6.4.7, RFC 4315 §3 (COPYUID).
import { type Copied, copyMessages } from '../../../mailboxes/copy-messages.ts';
import { findFolder } from '../../../mailboxes/folders.ts';
import { type Counting, readAskedUids } from '../asked-messages.ts';
import { type Command, type CommandContext, no, ok, type Reply } from '../command.ts';
import { formatNumberSet } from '../wire/sequence-set.ts';

/** RFC 3501 §6.4.7. */
export const copy: Command = {
  name: 'COPY',
  allowedIn: ['selected'],
  publishes: 'all',
  run: (context) => run(context, 'by-number'),
};

/** RFC 3501 §6.4.8. */
export const uidCopy: Command = {
  name: 'UID COPY',
  allowedIn: ['selected'],
  publishes: 'all',
  run: (context) => run(context, 'by-uid'),
};

/** RFC 3501 §6.4.7: the client may create the folder and try again. */
export const noTarget: Reply = no('Le dossier de destination n’existe pas', 'TRYCREATE');

/** The response code of a copy; undefined when nothing was copied. */
export function copyUid({ uidValidity, pairs }: Copied): string | undefined {
  if (pairs.length === 0) return undefined;
  return `COPYUID ${uidValidity} ${formatNumberSet(pairs.map(({ from }) => from))} ${formatNumberSet(pairs.map(({ to }) => to))}`;
}

async function run({ arguments: cursor, services, session }: CommandContext, counting: Counting): Promise<Reply> {
  const { folder } = session;
  cursor.space();
  const uids = readAskedUids(cursor, folder, counting);
  cursor.space();
  const name = cursor.mailboxName();
  cursor.end();
  const target = await findFolder(services.db, folder.mailboxId, name);
  if (!target) return noTarget;
  const copied = await copyMessages(services.db, services.wakeups, folder.mailboxId, folder.folderId, target.folderId, uids);
  if (copied === 'no-folder') return noTarget;
  if (copied === 'over-quota') return no('La boîte est pleine', 'OVERQUOTA');
  if (target.folderId === folder.folderId) session.wake();
  return ok('Copy completed', copyUid(copied));
}
