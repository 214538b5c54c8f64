// Why a line of an extraction is refused, or taken with a remark, in words for the people who correct it.

const refusals = {
  'line-too-long': 'La ligne dépasse la longueur permise.',
  'not-utf8': 'La ligne n’est pas écrite en UTF-8.',
  nul: 'La ligne contient un octet nul.',
  'hidden-character': 'La ligne contient un caractère invisible ou de commande.',
  'cells-missing': 'La ligne a moins de cellules que l’en-tête.',
  'cells-extra': 'La ligne a plus de cellules que l’en-tête.',
  'cell-too-long': 'La cellule dépasse 255 caractères.',
  'type-missing': 'Le type de boîte manque.',
  'type-unknown': 'Le type de boîte n’est ni PER, ni ORG, ni CAB, ni APP.',
  'address-missing': 'L’adresse manque.',
  'address-shape': 'L’adresse n’a pas la forme attendue.',
  'address-citizen': 'L’adresse est celle d’un citoyen.',
  'person-missing': 'Une boîte PER ou CAB doit nommer un professionnel par son RPPS.',
  'person-kind': 'Le professionnel est nommé par un autre identifiant que le RPPS.',
  'rpps-shape': 'Le RPPS n’a pas 11 chiffres.',
  'person-contradiction': 'Les deux identifiants du professionnel ne disent pas la même chose.',
  'name-missing': 'Le nom du professionnel manque.',
  'structure-missing': 'Une boîte ORG ou APP doit nommer une structure.',
  'structure-kind': 'La structure est nommée par un autre identifiant que le FINESS ou le SIRET.',
  'structure-shape': 'L’identifiant de la structure n’a pas la forme attendue.',
  'paperless-word': 'La dématérialisation se dit O ou N.',
  'type-differs': 'Une ligne précédente donne un autre type à cette adresse.',
  'holder-differs': 'Une ligne précédente donne un autre titulaire à cette adresse.',
  'too-many-practices': 'L’adresse a déjà mille lignes.',
  repeated: 'Une ligne précédente dit la même chose.',
} as const;

const remarks = {
  'structure-left-out': 'La structure n’a ni FINESS ni SIRET : la ligne est prise sans elle.',
  'person-left-out': 'Une boîte de structure ne garde pas le professionnel que la ligne nomme.',
  'name-differs': 'Le professionnel porte un autre nom sur une autre ligne : il est nommé comme sur celle-là.',
  'structure-differs': 'La structure est décrite autrement sur une autre ligne : elle est décrite comme sur celle-là.',
} as const;

/** A reason to refuse a line. */
export type LineRefusal = keyof typeof refusals;

/** A reason for a remark on a line that is taken. */
export type LineRemark = keyof typeof remarks;

/** Each reason in French. */
export const reasonWords: Readonly<Record<LineRefusal | LineRemark, string>> = { ...refusals, ...remarks };
