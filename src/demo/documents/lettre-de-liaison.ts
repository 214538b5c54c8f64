// The lettre de liaison as a mail: the CDA in IHE_XDM.zip, its PDF beside, and the headers the trust space counts.
// ECO.2.1.1 (one patient, XDM and PDF), ECO.2.1.3 (subject), ECO.2.1.6 (PDF name), ECO.2.4.1 to .3 (X-MSS-*).
import type { SendMailOptions } from 'nodemailer';
import type { Address } from '../../core/address.ts';
import type { Patient, Practitioner } from '../cast.ts';
import { renderCda } from './cda.ts';
import { frenchDay, hl7Day, type LetterChoices, type LiaisonLetter, liaisonLetterType, writeLiaisonLetter } from './letter.ts';
import { type PdfBlock, renderPdf } from './pdf.ts';
import { packXdm, xdmFileName } from './xdm.ts';

/** What the product is called in X-MSS-NIL; the demo has no reference of its own. */
const productReference = 'DEMO-PASSERELLE';

/** Who reads the letter when it is not its patient, and how the letter differs from the usual one. */
export type LiaisonMailOptions = LetterChoices & { readonly to?: Address };

/** The letter from `author` about `patient`, ready for nodemailer; sent to the patient, or to `to` when given. */
export async function composeLiaisonMail(
  author: Practitioner,
  patient: Patient,
  writtenAt: Date,
  { to = patient.address, ...choices }: LiaisonMailOptions = {},
): Promise<SendMailOptions> {
  const letter = writeLiaisonLetter(patient, author, writtenAt, choices);
  const archive = await packXdm(letter, renderCda(letter));
  return {
    from: { name: `${author.title} ${author.givenName} ${author.familyName}`, address: author.address },
    to,
    date: writtenAt,
    subject: `XDM/1.0/DDM+${liaisonLetterType.label} ${patient.birthName} ${patient.firstGivenName} ${frenchDay(patient.birthDate)}`,
    headers: { 'X-MSS-CODECDA': liaisonLetterType.code, 'X-MSS-INS': 'O', 'X-MSS-NIL': productReference },
    text: bodyText(letter),
    attachments: [
      { filename: xdmFileName, contentType: 'application/zip', content: archive },
      { filename: pdfName(letter), contentType: 'application/pdf', content: renderLetterPdf(letter) },
    ],
  };
}

/** The letter's page. ECO.2.1.1 asks for PDF/A-1: this one, with fonts that are not embedded, is plain PDF 1.4. */
export function renderLetterPdf(letter: LiaisonLetter): Buffer {
  const { patient, author, stay } = letter;
  const heading: readonly PdfBlock[] = [
    { kind: 'title', text: liaisonLetterType.label },
    { kind: 'text', text: author.structure.name },
    { kind: 'text', text: `${author.title} ${author.givenName} ${author.familyName}, ${author.speciality}` },
    { kind: 'text', text: `Le ${dayOf(letter.writtenAt)}` },
    ...corrections(letter).map((text) => ({ kind: 'text', text }) as const),
    {
      kind: 'text',
      text: `Patient : ${patient.birthName} ${patient.firstGivenName}, ${patient.sex === 'F' ? 'née' : 'né'} le ${frenchDay(patient.birthDate)}, INS ${patient.ins}`,
    },
    { kind: 'text', text: `Hospitalisation du ${dayOf(stay.from)} au ${dayOf(stay.to)}` },
  ];
  const body = letter.sections.flatMap((section): readonly PdfBlock[] => [
    { kind: 'heading', text: section.title },
    ...section.paragraphs.map((text) => ({ kind: 'text', text }) as const),
  ]);
  const title = `${liaisonLetterType.label} ${patient.birthName} ${patient.firstGivenName}`;
  return renderPdf({
    title,
    author: `${author.givenName} ${author.familyName}`,
    writtenAt: letter.writtenAt,
    blocks: [...heading, ...body],
  });
}

function pdfName(letter: LiaisonLetter): string {
  const type = liaisonLetterType.label.replaceAll(' ', '-');
  return `${hl7Day(letter.stay.to)}_${type}_${letter.patient.birthName}_${letter.patient.firstGivenName}.pdf`;
}

function bodyText(letter: LiaisonLetter): string {
  const { author, stay } = letter;
  return [
    'Bonjour,',
    '',
    ...corrections(letter),
    `Vous trouverez ci-joint la lettre de liaison de votre séjour du ${dayOf(stay.from)} au ${dayOf(stay.to)}.`,
    'Vous pouvez me répondre depuis votre messagerie sécurisée.',
    "En cas d'urgence, appelez le 15 ou le 112.",
    '',
    `${author.title} ${author.givenName} ${author.familyName}`,
    `${author.speciality}, ${author.structure.name}`,
    '',
  ].join('\n');
}

/** What a corrected letter says of the one before. */
function corrections({ replaces }: LiaisonLetter): readonly string[] {
  return replaces ? [`Cette lettre corrige celle du ${dayOf(replaces.writtenAt)} et la remplace.`] : [];
}

function dayOf(date: Date): string {
  return frenchDay(date.toISOString());
}
