// The codes this DMP takes, after the public tables of the ANS: classes TRE_A03, types ASS_X16, confidentiality J58, sectors TRE_R02, settings of
// care J04. Formats are known by their shape only. The types are the rows of src/dmp/value-sets, copied: a later slip in either shows as a
// refusal, one made before the copy does not.

/** TRE_A03-ClasseDocument and its codes. */
export const classSystem = '1.2.250.1.213.1.1.4.1';
/** The classes of TRE_A03, but 99, which is for machines. */
export const classes: ReadonlySet<string> = new Set(['10', '11', '31', '42', '43', '44', '45', '52', '60', '90', '95']);

/** LOINC, and the ANS's own types (TRE_A05). */
export const typeSystems: ReadonlySet<string> = new Set(['2.16.840.1.113883.6.1', '1.2.250.1.213.1.1.4.12']);

/** Types by class, several in one line: ASS_X16, what professionals may feed. */
const typesOfClass: readonly (readonly [classCode: string, types: string])[] = [
  ['10', '11488-4 11490-0 11502-2 11505-5 11506-3 11526-1 15507-7 15508-5 28653-4 29274-8 34112-3 34749-2'],
  ['10', '34794-8 34874-8 34875-5 47420-5 51969-4 59283-2 60568-3 67851-6 70004-7 75482-0 75492-9 75496-0'],
  ['10', '77436-4 78513-9 78601-2 83981-1 85208-7 93024-8 96349-6 BIL_AUTO'],
  ['11', '18761-7 34133-9 34842-5 56445-0 57055-6 57057-2 57075-4 60591-5 68599-0 68817-6 74207-2 78489-2'],
  ['11', '80820-4 83836-7 83901-9 88348-8 89235-6 SYNTH'],
  ['31', '18748-4 52040-3'],
  ['42', '55115-0 57828-6 57832-8 57833-6 61357-0 75468-9 PRESC-AAT PRESC-BIO PRESC-INF PRESC-KINE PRESC-ORTHOPHO PRESC-ORTHOPTIE'],
  ['42', 'PRESC-PEDI'],
  ['43', '60593-1 DISP_AUT'],
  ['44', '18776-5 77604-7 80771-9 80788-3 83869-8 PROT_ALD'],
  ['45', '80565-5'],
  ['52', '11369-6 87273-9 89601-9 96173-0 96874-3 CERT_DECL'],
  ['95', '59284-0 86531-1 ATTEST-ASS-COMPL ATTEST-DROITS-AM ATTEST-HEBGT ATTEST-RESID AUTORIS-SOINS'],
];

/** The class a type is of. A type absent here is refused. */
export const classOfType: ReadonlyMap<string, string> = new Map(
  typesOfClass.flatMap(([classCode, types]) => types.split(' ').map((type) => [type, classCode] as const)),
);

/** HL7 Confidentiality. */
export const confidentialitySystem = '2.16.840.1.113883.5.25';
/** Its levels, J58: a document has one, beside its masks. */
export const levels: ReadonlySet<string> = new Set(['N', 'R', 'V']);
/** TRE_A07: the masks. */
export const maskSystem = '1.2.250.1.213.1.1.4.13';
/** The masks the DMP knows. */
export const masks: ReadonlySet<string> = new Set(['MASQUE_PS', 'INVISIBLE_PATIENT', 'INVISIBLE_REPRESENTANTS_LEGAUX']);

/** TRE_R02: sectors of activity, `SA01` and so on. */
export const facilitySystem = '1.2.250.1.71.4.2.4';
/** TRE_A01: where care is given (J04). */
export const practiceSystem = '1.2.250.1.213.1.1.4.9';
/** The codes of J04. */
export const practices: ReadonlySet<string> = new Set(
  'AMBULATOIRE AMO DEPISTAGE ESSMS ETABLISSEMENT HAD MAD PALLIATIF SAD SAMU_SMUR'.split(' '),
);

/** J10: who may write which format codes. */
export const formats: readonly { readonly system: string; readonly code: RegExp }[] = [
  { system: '1.3.6.1.4.1.19376.1.2.3', code: /^urn:ihe:[\w:.-]+$/ },
  { system: '1.2.250.1.213.1.1.4.2.282', code: /^urn:((asip|ans):ci-sis|asipSante):[\w:.-]+$/ },
];

/** The class of a signature in the URN table (TRE_A10), as the guides' examples have it. */
export const signatureClass = 'urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1';
