// The letters of the demo's doctors as bytes, with the changes a test wants: what a document replaces, what it leaves out.
import { createTransport } from 'nodemailer';
import type { Address } from '../../src/core/address.ts';
import { dominiquePatTrois, leaMartin, type Patient } from '../../src/demo/cast.ts';
import { renderCda } from '../../src/demo/documents/cda.ts';
import { letterOid, writeLiaisonLetter } from '../../src/demo/documents/letter.ts';
import { composeLiaisonMail } from '../../src/demo/documents/lettre-de-liaison.ts';
import { packXdm } from '../../src/demo/documents/xdm.ts';

/** What a test wants of a letter; without anything, the demo's own about Dominique PAT-TROIS. */
export type LiaisonWishes = {
  readonly patient?: Patient;
  /** Letters written at different moments carry different documents. */
  readonly writtenAt?: Date;
  readonly isHidden?: boolean;
  /** Unique id of the document that this one takes the place of. */
  readonly replaces?: string;
  /** The last word on the CDA. */
  readonly change?: (cda: string) => string;
  /** A second archive, with this made of the CDA. */
  readonly also?: (cda: string) => string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A letter with its document, and the document's unique id. */
export async function liaisonLetter(
  from: Address,
  to: Address,
  wishes: LiaisonWishes = {},
): Promise<{ readonly bytes: Buffer; readonly uniqueId: string }> {
  const {
    patient = dominiquePatTrois,
    writtenAt = new Date('2026-11-20T09:00:00Z'),
    isHidden = false,
    replaces,
    change = (cda) => cda,
  } = wishes;
  const author = { ...leaMartin, address: from };
  // The document is its author’s, byte for byte, whoever sends it.
  const letter = writeLiaisonLetter(patient, leaMartin, writtenAt, { isHiddenFromPatient: isHidden });
  const relation =
    replaces &&
    `<relatedDocument typeCode="RPLC"><parentDocument><id root="${replaces}"/></parentDocument></relatedDocument>\n  <componentOf>`;
  const cda = change(
    renderCda(letter)
      .toString('utf8')
      .replace('<componentOf>', relation ?? '<componentOf>'),
  );
  const mail = await composeLiaisonMail(author, patient, writtenAt, { to, isHiddenFromPatient: isHidden });
  const archive = { ...mail.attachments?.[0], content: await packXdm(letter, Buffer.from(cda)) };
  const second = wishes.also ? [{ ...archive, content: await packXdm(letter, Buffer.from(wishes.also(cda))) }] : [];
  const sent = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail({
    ...mail,
    headers: { ...(mail.headers as Record<string, string>), ...wishes.headers },
    attachments: [archive, ...second, ...(mail.attachments ?? []).slice(1)],
  });
  return { bytes: sent.message as Buffer, uniqueId: letterOid(letter, 'document') };
}
