// What a citizen is told of at their ordinary address, in the words of the commands about it.
import { type NoticeKind, type NoticePreference, noticeKinds } from '../../policies/notice-preferences.ts';
import { UsageError } from './failures.ts';

const kindTexts: Readonly<Record<NoticeKind, string>> = {
  letter: 'un courrier l’attend',
  document: 'il y a du nouveau parmi ses documents',
  'not-delivered': 'un de ses courriers n’est pas arrivé',
};

/** What `--help` says of the kinds. */
export const kindsHelp = noticeKinds.map((kind) => `${kind} : ${kindTexts[kind]}`).join(' ; ');

/** The kinds named in `letter,document`. Throws UsageError for any other word. */
export function parseKinds(typed: string | undefined): NoticeKind[] {
  const words = (typed ?? '').split(',').map((word) => word.trim());
  return words.flatMap((word) => {
    if (word === '') return [];
    const kind = noticeKinds.find((one) => one === word);
    if (!kind) throw new UsageError(`Les sortes d’avis sont ${noticeKinds.join(', ')}, séparées par des virgules.`);
    return [kind];
  });
}

/** A choice, or that there is none. */
export function preferenceText(preference: NoticePreference | undefined): string {
  if (!preference) return 'Aucun avis : ce citoyen n’a donné aucune adresse ordinaire.';
  const told = noticeKinds.filter((kind) => preference.told[kind]).map((kind) => kindTexts[kind]);
  return [
    told.length > 0
      ? `Avis à ${preference.address} quand ${told.join(', ou ')}.`
      : `Aucun avis ; l’adresse ${preference.address} est gardée.`,
    ...(preference.isFailing
      ? ['Cette adresse a refusé les derniers avis : plus rien ne lui est envoyé, jusqu’à ce qu’elle soit donnée à nouveau.']
      : []),
  ].join('\n');
}
