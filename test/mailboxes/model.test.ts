// A mailbox behaves as a small model of it does, whatever is done to it and in whatever order (fast-check makes the orders up
// and shortens what fails). The model is a list of messages per folder, and of what is to be told, as a person would keep it on paper.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyMessages, moveMessages } from '../../mailboxes/copy-messages.ts';
import { expungeMessages } from '../../mailboxes/expunge.ts';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { blockedPatientsFolder } from '../../mailboxes/folder-names.ts';
import { createFolder, deleteFolder, findFolder, listFolders, renameFolder } from '../../mailboxes/folders.ts';
import type { FoundMailbox } from '../../mailboxes/mailbox.ts';
import { takeMessageEvents } from '../../mailboxes/message-events.ts';
import { openFolder } from '../../mailboxes/read-messages.ts';
import { recount } from '../../mailboxes/recount.ts';
import { addressOf, mailboxWorld, type World } from './mailbox-world.ts';

/** Shared by its copies. `owes`: whom its first reading tells. */
type Letter = { sender: string; owes: string | undefined };
type Message = { uid: number; flags: number; keywords: string[]; letter: Letter };
type ModelFolder = { uidNext: number; messages: Message[] };
type Model = Map<string, ModelFolder> & { events: string[] };
type Real = { world: World; box: FoundMailbox };
type Command = fc.AsyncCommand<Model, Real>;

const name = fc.constantFrom('INBOX', 'INBOX', 'A', 'A/B', 'A/B/C', 'D', blockedPatientsFolder, blockedPatientsFolder);
let addresses = 0;
const uids = fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 5 }).map((list) => list.sort((a, b) => a - b));

/** A command from one function, which changes both and compares what they answer; what it had to tell is compared here. */
function command(text: string, act: (model: Model, real: Real) => Promise<void>): Command {
  const run = async (model: Model, real: Real): Promise<void> => {
    await act(model, real);
    const told = await real.world.db.transaction().execute((trx) => takeMessageEvents(trx, 100));
    expect(told.map((one) => `${one.kind} ${one.kind === 'read' ? one.receiptTo : one.sender}`).sort()).toEqual(model.events.sort());
    model.events = [];
  };
  return { check: () => true, run, toString: () => text };
}

const shown = ({ letter: _, ...message }: Message) => message;
const sendersOf = (messages: readonly Message[]): string[] => [...new Set(messages.map((one) => one.letter.sender))];

/** Messages left the folder: the block of those who have none there any more is lifted. */
function leave(model: Model, at: string, gone: readonly Message[]): void {
  if (at !== blockedPatientsFolder) return;
  const stay = sendersOf(model.get(at)?.messages ?? []);
  for (const sender of sendersOf(gone)) if (!stay.includes(sender)) model.events.push(`unfiled ${sender}`);
}

const commands = [
  fc.tuple(name, fc.nat(31), fc.constantFrom('ruth', 'jean')).map(([at, flags, from]) =>
    command(`append ${at} ${flags} ${from}`, async (model, { world, box }) => {
      const folder = model.get(at);
      if (!folder) return;
      const { folderId } = await world.folder(box, at);
      const [sender, receiptTo] = [addressOf(from), addressOf(`a${++addresses}`)];
      const placed = await world.append(box, { folderId, flags, sender, receiptTo });
      expect(placed.uid).toBe(folder.uidNext);
      const owes = flags & SystemFlag.Seen ? undefined : receiptTo;
      folder.messages.push({ uid: folder.uidNext++, flags, keywords: [], letter: { sender, owes } });
    }),
  ),
  fc
    .tuple(name, uids, fc.constantFrom('add', 'remove', 'replace'), fc.nat(31), fc.subarray(['k1', 'k2']))
    .map(([at, asked, mode, flags, keywords]) =>
      command(`store ${at} ${asked} ${mode} ${flags} ${keywords}`, async (model, { world, box }) => {
        const folder = await findFolder(world.db, box.mailboxId, at);
        const messages = model.get(at)?.messages.filter((one) => asked.includes(one.uid)) ?? [];
        for (const one of messages) {
          const wasSeen = one.flags & SystemFlag.Seen;
          if (mode === 'add') [one.flags, one.keywords] = [one.flags | flags, [...new Set([...one.keywords, ...keywords])].sort()];
          if (mode === 'remove') [one.flags, one.keywords] = [one.flags & ~flags, one.keywords.filter((k) => !keywords.includes(k))];
          if (mode === 'replace') [one.flags, one.keywords] = [flags, [...keywords].sort()];
          if (wasSeen || !(one.flags & SystemFlag.Seen) || !one.letter.owes) continue;
          model.events.push(`read ${one.letter.owes}`);
          one.letter.owes = undefined;
        }
        const states = await storeFlags(world.db, world.wakeups, box.mailboxId, folder?.folderId ?? 0, asked, { mode, flags, keywords });
        expect(states.map(({ modseq: _, ...state }) => state)).toEqual(messages.map(shown));
      }),
    ),
  fc.tuple(name, name, uids, fc.boolean()).map(([from, to, asked, isMove]) =>
    command(`${isMove ? 'move' : 'copy'} ${from} ${to} ${asked}`, async (model, { world: { db, wakeups }, box }) => {
      const [source, target] = [await findFolder(db, box.mailboxId, from), await findFolder(db, box.mailboxId, to)];
      const act = isMove ? moveMessages : copyMessages;
      const answer = await act(db, wakeups, box.mailboxId, source?.folderId ?? 0, target?.folderId ?? 0, asked);
      const [modelSource, modelTarget] = [model.get(from), model.get(to)];
      if (!modelSource || !modelTarget) return void expect(answer).toBe('no-folder');
      const found = modelSource.messages.filter((one) => asked.includes(one.uid));
      const pairs = found.map((one) => ({ from: one.uid, to: modelTarget.uidNext++ }));
      if (isMove) modelSource.messages = modelSource.messages.filter((one) => !found.includes(one));
      modelTarget.messages.push(...found.map((one, at) => ({ ...one, keywords: [...one.keywords], uid: pairs[at]?.to ?? 0 })));
      if (from !== to && to === blockedPatientsFolder) model.events.push(...sendersOf(found).map((sender) => `filed ${sender}`));
      if (from !== to && isMove) leave(model, from, found);
      expect(answer).toMatchObject({ pairs });
    }),
  ),
  fc.tuple(name, fc.option(uids)).map(([at, asked]) =>
    command(`expunge ${at} ${asked}`, async (model, { world: { db, wakeups }, box }) => {
      const folder = await findFolder(db, box.mailboxId, at);
      const kept = model.get(at);
      const gone = kept?.messages.filter((one) => one.flags & SystemFlag.Deleted && (!asked || asked.includes(one.uid))) ?? [];
      if (kept) kept.messages = kept.messages.filter((one) => !gone.includes(one));
      leave(model, at, gone);
      const answer = await expungeMessages(db, wakeups, box.mailboxId, folder?.folderId ?? 0, asked ?? 'all-deleted');
      expect(answer.map((one) => one.uid)).toEqual(gone.map((one) => one.uid));
    }),
  ),
  name.map((at) =>
    command(`create ${at}`, async (model, { world: { db }, box }) => {
      expect(await createFolder(db, box.mailboxId, at)).toBe(model.has(at) ? 'exists' : 'created');
      createInModel(model, at);
    }),
  ),
  name.map((at) =>
    command(`delete ${at}`, async (model, { world: { db, wakeups }, box }) => {
      const hasChildren = [...model.keys()].some((other) => other.startsWith(`${at}/`));
      const expected =
        at === 'INBOX' || at === blockedPatientsFolder ? 'protected' : !model.has(at) ? 'absent' : hasChildren ? 'has-children' : 'deleted';
      expect(await deleteFolder(db, wakeups, box.mailboxId, at)).toBe(expected);
      if (expected === 'deleted') model.delete(at);
    }),
  ),
  fc.tuple(name, name).map(([from, to]) =>
    command(`rename ${from} ${to}`, async (model, { world: { db, wakeups }, box }) => {
      const answer = await renameFolder(db, wakeups, box.mailboxId, from, to);
      if (from === 'INBOX') {
        if (model.has(to)) return void expect(answer).toBe('exists');
        const inbox = model.get('INBOX') ?? { uidNext: 1, messages: [] };
        createInModel(model, to);
        const messages = inbox.messages.map((one, at) => ({ ...one, uid: at + 1 }));
        model.set(to, { uidNext: messages.length + 1, messages });
        model.set('INBOX', { uidNext: inbox.uidNext, messages: [] });
        return void expect(answer).toBe('renamed');
      }
      if (!model.has(from)) return void expect(answer).toBe('absent');
      if (from === blockedPatientsFolder) return void expect(answer).toBe('protected');
      const family = [...model].filter(([key]) => key === from || key.startsWith(`${from}/`));
      const renamed = family.map(([key, folder]) => [to + key.slice(from.length), folder] as const);
      if (renamed.some(([key]) => model.has(key))) return void expect(answer).toBe('exists');
      if (to.startsWith(`${from}/`)) return void expect(answer).toBe('invalid');
      for (const [key] of family) model.delete(key);
      createInModel(model, to);
      for (const [key, folder] of renamed) model.set(key, folder);
      expect(answer).toBe('renamed');
    }),
  ),
];

function createInModel(model: Model, at: string): void {
  const levels = at.split('/');
  for (let depth = 1; depth <= levels.length; depth += 1) {
    const above = levels.slice(0, depth).join('/');
    if (!model.has(above)) model.set(above, { uidNext: 1, messages: [] });
  }
}

test('folders, messages and what is told of them follow the model', async () => {
  const world = await mailboxWorld();
  let boxes = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (run) => {
      boxes += 1;
      const box = await world.mailbox(`modele${boxes}`, undefined, 'professional');
      const first = await listFolders(world.db, box.mailboxId);
      const empty = first.map((folder) => [folder.name, { uidNext: 1, messages: [] }] as [string, ModelFolder]);
      const model: Model = Object.assign(new Map(empty), { events: [] });
      await fc.asyncModelRun(() => ({ model, real: { world, box } }), run);
      const folders = await listFolders(world.db, box.mailboxId);
      expect(folders.map((folder) => folder.name).sort()).toEqual([...model.keys()].sort());
      for (const folder of folders) {
        const kept = model.get(folder.name);
        expect((await openFolder(world.db, box.mailboxId, folder.folderId))?.messages).toEqual(kept?.messages.map(shown));
        expect(folder).toMatchObject({
          uidNext: kept?.uidNext,
          messages: kept?.messages.length,
          unseen: kept?.messages.filter((one) => !(one.flags & SystemFlag.Seen)).length,
        });
      }
      expect(await recount(world.db)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
