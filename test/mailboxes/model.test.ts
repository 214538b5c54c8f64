// A mailbox behaves as a small model of it does, whatever is done to it and in whatever order (fast-check makes the orders up
// and shortens what fails). The model is a list of messages per folder, as a person would keep it on paper.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyMessages, moveMessages } from '../../mailboxes/copy-messages.ts';
import { expungeMessages } from '../../mailboxes/expunge.ts';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { createFolder, deleteFolder, findFolder, listFolders, renameFolder } from '../../mailboxes/folders.ts';
import type { FoundMailbox } from '../../mailboxes/mailbox.ts';
import { openFolder } from '../../mailboxes/read-messages.ts';
import { recount } from '../../mailboxes/recount.ts';
import { mailboxWorld, type World } from './mailbox-world.ts';

type Message = { uid: number; flags: number; keywords: string[] };
type ModelFolder = { uidNext: number; messages: Message[] };
type Model = Map<string, ModelFolder>;
type Real = { world: World; box: FoundMailbox };
type Command = fc.AsyncCommand<Model, Real>;

const name = fc.constantFrom('INBOX', 'A', 'A/B', 'A/B/C', 'D');
const uids = fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 5 }).map((list) => list.sort((a, b) => a - b));

/** A command from one function, which changes both and compares what they answer. */
function command(text: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => text };
}

const commands = [
  fc.tuple(name, fc.nat(31)).map(([at, flags]) =>
    command(`append ${at} ${flags}`, async (model, { world, box }) => {
      const folder = model.get(at);
      if (!folder) return;
      const { folderId } = await world.folder(box, at);
      const placed = await world.append(box, { folderId, flags });
      expect(placed.uid).toBe(folder.uidNext);
      folder.messages.push({ uid: folder.uidNext++, flags, keywords: [] });
    }),
  ),
  fc
    .tuple(name, uids, fc.constantFrom('add', 'remove', 'replace'), fc.nat(31), fc.subarray(['k1', 'k2']))
    .map(([at, asked, mode, flags, keywords]) =>
      command(`store ${at} ${asked} ${mode} ${flags} ${keywords}`, async (model, { world, box }) => {
        const folder = await findFolder(world.db, box.mailboxId, at);
        const messages = model.get(at)?.messages.filter((one) => asked.includes(one.uid)) ?? [];
        for (const one of messages) {
          if (mode === 'add') [one.flags, one.keywords] = [one.flags | flags, [...new Set([...one.keywords, ...keywords])].sort()];
          if (mode === 'remove') [one.flags, one.keywords] = [one.flags & ~flags, one.keywords.filter((k) => !keywords.includes(k))];
          if (mode === 'replace') [one.flags, one.keywords] = [flags, [...keywords].sort()];
        }
        const states = await storeFlags(world.db, world.wakeups, box.mailboxId, folder?.folderId ?? 0, asked, { mode, flags, keywords });
        expect(states.map(({ modseq: _, ...state }) => state)).toEqual(messages);
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
      expect(answer).toMatchObject({ pairs });
    }),
  ),
  fc.tuple(name, fc.option(uids)).map(([at, asked]) =>
    command(`expunge ${at} ${asked}`, async (model, { world: { db, wakeups }, box }) => {
      const folder = await findFolder(db, box.mailboxId, at);
      const kept = model.get(at);
      const gone = kept?.messages.filter((one) => one.flags & SystemFlag.Deleted && (!asked || asked.includes(one.uid))) ?? [];
      if (kept) kept.messages = kept.messages.filter((one) => !gone.includes(one));
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
      const expected = at === 'INBOX' ? 'protected' : !model.has(at) ? 'absent' : hasChildren ? 'has-children' : 'deleted';
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

test('folders and messages follow the model', async () => {
  const world = await mailboxWorld();
  let boxes = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (run) => {
      boxes += 1;
      const box = await world.mailbox(`modele${boxes}`);
      const first = await listFolders(world.db, box.mailboxId);
      const model: Model = new Map(first.map((folder) => [folder.name, { uidNext: 1, messages: [] }]));
      await fc.asyncModelRun(() => ({ model, real: { world, box } }), run);
      const folders = await listFolders(world.db, box.mailboxId);
      expect(folders.map((folder) => folder.name).sort()).toEqual([...model.keys()].sort());
      for (const folder of folders) {
        const kept = model.get(folder.name);
        expect((await openFolder(world.db, box.mailboxId, folder.folderId))?.messages).toEqual(kept?.messages);
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
