// A real gateway in its process beside a DMP that keeps a copy of every request, and the people of a crowd who write about each other.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { localPart } from '../../src/core/address.ts';
import type { Patient } from '../../src/demo/cast.ts';
import { type LetterChoices, type LiaisonLetter, letterOid, writeLiaisonLetter } from '../../src/demo/documents/letter.ts';
import { composeLiaisonMail } from '../../src/demo/documents/lettre-de-liaison.ts';
import { runCli } from '../cli/run-cli.ts';
import type { Someone } from '../support/crowd.ts';
import { asAuthor, asPatient } from '../support/crowd-in-documents.ts';
import { GatewayProcess, makeGatewayHome } from '../support/gateway-process.ts';
import { startRecordBeside } from '../support/record-beside.ts';
import { SmtpClient } from '../support/smtp-client.ts';

/** A letter that was taken: by what names the gateway and the record know it. */
export type SentLetter = { readonly letter: LiaisonLetter; readonly messageId: string; readonly uniqueId: string };

/** What the record was sent: `kind` is the transaction, or `signature` for the document that seals a submission. */
export type Captured = { readonly kind: string; readonly xml: string };

/** Opens it: one doctor; two citizens, of whom the first has a record. */
export async function openRecordWorld() {
  const home = await makeGatewayHome();
  const { dmp, environment: record } = await startRecordBeside(home);
  const captures = join(home.folder, 'captured');
  await dmp.captured(captures);
  const environment = { PASSERELLE_OBSERVE_LOG_LEVEL: 'debug', ...record };
  const gateway = await GatewayProcess.start(home, { crowd: { doctors: 1, citizens: 2 }, environment, logFile: join(home.folder, 'log') });
  const [doctor] = gateway.report.crowd?.doctors ?? [];
  const [reader, other] = gateway.report.crowd?.citizens ?? [];
  if (!doctor || !reader || !other) throw new Error('The gateway registered no crowd');
  dmp.openRecord(localPart(reader.address), 'active');
  const author = asAuthor(doctor.address, 0);
  return {
    dmp,
    authority: home.authority,
    reader: asPatient(reader.address, 0),
    withoutRecord: asPatient(other.address, 1),
    send: (patient: Patient, writtenAt: string, choices: LetterChoices = {}) =>
      sendLetter(gateway, home.authority, doctor, writeLiaisonLetter(patient, author, new Date(writtenAt), choices)),
    /** Everything the record was sent, in the order it came. */
    async captured(): Promise<readonly Captured[]> {
      const names = (await readdir(captures)).sort();
      return Promise.all(
        names.map(async (name) => ({ kind: name.replace(/^[\d-]+|\.xml$/g, ''), xml: await readFile(join(captures, name), 'utf8') })),
      );
    },
    /** What the log has said so far. */
    log: () => readFile(join(home.folder, 'log'), 'utf8'),
    /** A command beside the gateway that runs. */
    run: (...words: readonly string[]) => runCli(words, { environment: { ...environment, PASSERELLE_DATA_DIR: home.data } }),
    async close() {
      await gateway.destroy();
      await dmp.stop();
      await home.remove();
    },
  };
}

async function sendLetter(gateway: GatewayProcess, ca: string, { address, password }: Someone, letter: LiaisonLetter): Promise<SentLetter> {
  const { author, patient, writtenAt, isHiddenFromPatient, replaces } = letter;
  const uniqueId = letterOid(letter, 'document');
  const messageId = `<${uniqueId}@medecins.test>`;
  const mail = await composeLiaisonMail(author, patient, writtenAt, { isHiddenFromPatient, ...(replaces && { replaces }) });
  const bytes = await new MailComposer({ ...mail, messageId }).compile().build();
  const login = { user: address, password };
  const client = await SmtpClient.open({ host: '127.0.0.1', port: gateway.report.ports.submission, ca, login });
  const { code, text } = await client.deliver(address, [patient.address], bytes);
  client.destroy();
  if (code !== 250) throw new Error(`The letter was refused: ${code} ${text}`);
  return { letter, messageId, uniqueId };
}
