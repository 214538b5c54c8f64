// The connector and the DMP, face to face: settings and certificates as an operator would have them, and documents as letters bring them,
// read by the readers of the gateway out of the demo's own mails.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { expect } from 'vitest';
import type { Config } from '../../../src/config/schema.ts';
import { dmp as dmpSettings } from '../../../src/config/sections/dmp.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { dominiquePatTrois, leaMartin, type Patient } from '../../../src/demo/cast.ts';
import type { DmpUrls } from '../../../src/demo/dmp-server/dmp-server.ts';
import { composeLiaisonMail } from '../../../src/demo/documents/lettre-de-liaison.ts';
import type { RecordConnector, Submission } from '../../../src/dmp/connector.ts';
import { describeEntry } from '../../../src/dmp/describe-entry.ts';
import { openRecord } from '../../../src/dmp/open-record.ts';
import { describeDocuments } from '../../../src/mail/documents/describe-documents.ts';
import { digestsOf } from '../../../src/mail/documents/digests.ts';
import { newOid, openStage, type Stage } from '../../demo/dmp-server/talk.ts';
import { letterBytes, rootOf } from '../../mail/documents/documents.ts';

/** The stage, with the structure's files and a connector for any DMP. */
export type RecordTown = Stage & {
  readonly folder: string;
  connect(urls: DmpUrls, options?: { readonly clock?: Clock; readonly settings?: Partial<Config['dmp']> }): Promise<RecordConnector>;
  close(): Promise<void>;
};

/** Opens one; its folder goes with close(). */
export async function openRecordTown(): Promise<RecordTown> {
  const stage = await openStage();
  const { folder } = stage;
  const structure = { id: '1990001018', name: 'Clinique des Peupliers, « Étoile »', sector: 'SA04' };
  const { key, cert } = await stage.authority.structureCredential({ structureId: structure.id, name: structure.name });
  const [certificateFile, keyFile] = [join(folder, 'structure.pem'), join(folder, 'structure.key')];
  await writeFile(certificateFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  return {
    ...stage,
    clinic: { key, cert },
    connect: async ({ repository, status, registry }, { clock, settings } = {}) => {
      const connector = await openRecord(
        {
          ...dmpSettings.parse({ structure }),
          endpoints: { repository, status, registry },
          authorityFile: stage.authority.certificateFile,
          certificateFile,
          keyFile,
          timeoutSeconds: 10,
          ...settings,
        },
        clock,
      );
      if (!connector) throw new Error('No connector although there are endpoints');
      return connector;
    },
  };
}

/** A document as a letter of the demo brings it. `day` tells documents apart. */
export async function broughtBy(
  options: { readonly day?: number; readonly patient?: Patient; readonly isHiddenFromPatient?: boolean } = {},
): Promise<Submission> {
  const { day = 1, patient = dominiquePatTrois, isHiddenFromPatient = false } = options;
  const mail = await composeLiaisonMail(leaMartin, patient, new Date(Date.UTC(2026, 9, day, 8)), { isHiddenFromPatient });
  const { message } = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail(mail);
  const letter = message as Buffer;
  const [described, ...others] = await describeDocuments(rootOf(letter), letterBytes(letter));
  expect(others).toEqual([]);
  if (!described) throw new Error('The letter brings no document');
  const entry = describeEntry(described);
  if ('do' in entry) throw new Error(`The record cannot be told of it: ${entry.code}`);
  const digests = await digestsOf(() => described.open());
  if (!digests) throw new Error('The document is damaged');
  return { setUniqueId: newOid(), document: { entry, ...digests, open: () => described.open() }, now: new Date() };
}

/** A signal nobody raises. */
export const unhurried = new AbortController().signal;
