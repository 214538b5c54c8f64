// The attributes and classes of the standards that this directory knows: RFC 4512 (the schema's own), RFC 4519 (people and structures),
// RFC 4524 (mail), RFC 2798 (inetOrgPerson). Data only.

const syntax = '1.3.6.1.4.1.1466.115.121.1';
const text = `EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX ${syntax}.15`;
const ascii = `EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX ${syntax}.26`;
const phone = `EQUALITY telephoneNumberMatch SUBSTR telephoneNumberSubstringsMatch SYNTAX ${syntax}.50`;
const postal = `EQUALITY caseIgnoreListMatch SUBSTR caseIgnoreListSubstringsMatch SYNTAX ${syntax}.41`;
const number = `EQUALITY numericStringMatch SUBSTR numericStringSubstringsMatch SYNTAX ${syntax}.36`;
const dn = `EQUALITY distinguishedNameMatch SYNTAX ${syntax}.12`;
const oid = `EQUALITY objectIdentifierMatch SYNTAX ${syntax}.38`;
const octets = `EQUALITY octetStringMatch SYNTAX ${syntax}.40`;
const described = 'EQUALITY objectIdentifierFirstComponentMatch';
const ofServer = 'USAGE dSAOperation';
const ofDirectory = 'USAGE directoryOperation';

/** RFC 4512 §4.1.2. */
export const standardAttributeTypes: readonly string[] = [
  // RFC 4512
  `( 2.5.4.0 NAME 'objectClass' ${oid} )`,
  `( 2.5.21.6 NAME 'objectClasses' ${described} SYNTAX ${syntax}.37 ${ofDirectory} )`,
  `( 2.5.21.5 NAME 'attributeTypes' ${described} SYNTAX ${syntax}.3 ${ofDirectory} )`,
  `( 2.5.21.4 NAME 'matchingRules' ${described} SYNTAX ${syntax}.30 ${ofDirectory} )`,
  `( 1.3.6.1.4.1.1466.101.120.16 NAME 'ldapSyntaxes' ${described} SYNTAX ${syntax}.54 ${ofDirectory} )`,
  `( 2.5.18.10 NAME 'subschemaSubentry' ${dn} SINGLE-VALUE NO-USER-MODIFICATION ${ofDirectory} )`,
  `( 2.5.21.9 NAME 'structuralObjectClass' ${oid} SINGLE-VALUE NO-USER-MODIFICATION ${ofDirectory} )`,
  `( 2.5.18.9 NAME 'hasSubordinates' EQUALITY booleanMatch SYNTAX ${syntax}.7 SINGLE-VALUE NO-USER-MODIFICATION ${ofDirectory} )`,
  `( 1.3.6.1.1.20 NAME 'entryDN' ${dn} SINGLE-VALUE NO-USER-MODIFICATION ${ofDirectory} )`,
  `( 1.3.6.1.4.1.1466.101.120.5 NAME 'namingContexts' SYNTAX ${syntax}.12 ${ofServer} )`,
  `( 1.3.6.1.4.1.1466.101.120.13 NAME 'supportedControl' SYNTAX ${syntax}.38 ${ofServer} )`,
  `( 1.3.6.1.4.1.1466.101.120.7 NAME 'supportedExtension' SYNTAX ${syntax}.38 ${ofServer} )`,
  `( 1.3.6.1.4.1.4203.1.3.5 NAME 'supportedFeatures' ${oid} ${ofServer} )`,
  `( 1.3.6.1.4.1.1466.101.120.15 NAME 'supportedLDAPVersion' SYNTAX ${syntax}.27 ${ofServer} )`,
  `( 1.3.6.1.1.4 NAME 'vendorName' EQUALITY caseExactMatch SYNTAX ${syntax}.15 SINGLE-VALUE NO-USER-MODIFICATION ${ofServer} )`,
  // RFC 4519
  `( 2.5.4.41 NAME 'name' ${text} )`,
  "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )",
  "( 2.5.4.4 NAME ( 'sn' 'surname' ) SUP name )",
  "( 2.5.4.42 NAME ( 'givenName' 'gn' ) SUP name )",
  "( 2.5.4.43 NAME 'initials' SUP name )",
  "( 2.5.4.7 NAME ( 'l' 'localityName' ) SUP name )",
  "( 2.5.4.8 NAME ( 'st' 'stateOrProvinceName' ) SUP name )",
  "( 2.5.4.10 NAME ( 'o' 'organizationName' ) SUP name )",
  "( 2.5.4.11 NAME ( 'ou' 'organizationalUnitName' ) SUP name )",
  "( 2.5.4.12 NAME 'title' SUP name )",
  `( 2.5.4.6 NAME ( 'c' 'countryName' ) SUP name SYNTAX ${syntax}.11 SINGLE-VALUE )`,
  `( 2.5.4.9 NAME ( 'street' 'streetAddress' ) ${text} )`,
  `( 2.5.4.13 NAME 'description' ${text} )`,
  `( 2.5.4.14 NAME 'searchGuide' SYNTAX ${syntax}.25 )`,
  `( 2.5.4.15 NAME 'businessCategory' ${text} )`,
  `( 2.5.4.16 NAME 'postalAddress' ${postal} )`,
  `( 2.5.4.17 NAME 'postalCode' ${text} )`,
  `( 2.5.4.18 NAME 'postOfficeBox' ${text} )`,
  `( 2.5.4.19 NAME 'physicalDeliveryOfficeName' ${text} )`,
  `( 2.5.4.20 NAME 'telephoneNumber' ${phone} )`,
  `( 2.5.4.21 NAME 'telexNumber' SYNTAX ${syntax}.52 )`,
  `( 2.5.4.22 NAME 'teletexTerminalIdentifier' SYNTAX ${syntax}.51 )`,
  `( 2.5.4.23 NAME ( 'facsimileTelephoneNumber' 'fax' ) SYNTAX ${syntax}.22 )`,
  `( 2.5.4.24 NAME 'x121Address' ${number} )`,
  `( 2.5.4.25 NAME 'internationaliSDNNumber' ${number} )`,
  "( 2.5.4.26 NAME 'registeredAddress' SUP postalAddress )",
  `( 2.5.4.27 NAME 'destinationIndicator' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX ${syntax}.44 )`,
  `( 2.5.4.28 NAME 'preferredDeliveryMethod' SYNTAX ${syntax}.14 SINGLE-VALUE )`,
  `( 2.5.4.34 NAME 'seeAlso' ${dn} )`,
  `( 2.5.4.35 NAME 'userPassword' ${octets} )`,
  `( 2.5.4.36 NAME 'userCertificate' EQUALITY certificateExactMatch SYNTAX ${syntax}.8 )`,
  `( 2.5.4.45 NAME 'x500UniqueIdentifier' EQUALITY bitStringMatch SYNTAX ${syntax}.6 )`,
  `( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) ${text} )`,
  `( 0.9.2342.19200300.100.1.25 NAME ( 'dc' 'domainComponent' ) ${ascii} SINGLE-VALUE )`,
  // RFC 4524
  `( 0.9.2342.19200300.100.1.3 NAME ( 'mail' 'rfc822Mailbox' ) ${ascii}{256} )`,
  `( 0.9.2342.19200300.100.1.6 NAME 'roomNumber' ${text} )`,
  `( 0.9.2342.19200300.100.1.10 NAME 'manager' ${dn} )`,
  `( 0.9.2342.19200300.100.1.20 NAME ( 'homePhone' 'homeTelephoneNumber' ) ${phone} )`,
  `( 0.9.2342.19200300.100.1.21 NAME 'secretary' ${dn} )`,
  `( 0.9.2342.19200300.100.1.39 NAME 'homePostalAddress' ${postal} )`,
  `( 0.9.2342.19200300.100.1.40 NAME 'personalTitle' ${text} )`,
  `( 0.9.2342.19200300.100.1.41 NAME ( 'mobile' 'mobileTelephoneNumber' ) ${phone} )`,
  `( 0.9.2342.19200300.100.1.42 NAME ( 'pager' 'pagerTelephoneNumber' ) ${phone} )`,
  // RFC 2798
  `( 2.16.840.1.113730.3.1.1 NAME 'carLicense' ${text} )`,
  `( 2.16.840.1.113730.3.1.2 NAME 'departmentNumber' ${text} )`,
  `( 2.16.840.1.113730.3.1.3 NAME 'employeeNumber' ${text} SINGLE-VALUE )`,
  `( 2.16.840.1.113730.3.1.4 NAME 'employeeType' ${text} )`,
  `( 2.16.840.1.113730.3.1.39 NAME 'preferredLanguage' ${text} SINGLE-VALUE )`,
  `( 2.16.840.1.113730.3.1.40 NAME 'userSMIMECertificate' SYNTAX ${syntax}.5 )`,
  `( 2.16.840.1.113730.3.1.216 NAME 'userPKCS12' SYNTAX ${syntax}.5 )`,
  `( 2.16.840.1.113730.3.1.241 NAME 'displayName' ${text} SINGLE-VALUE )`,
  `( 0.9.2342.19200300.100.1.60 NAME 'jpegPhoto' SYNTAX ${syntax}.28 )`,
  `( 0.9.2342.19200300.100.1.7 NAME 'photo' SYNTAX ${syntax}.23 )`,
  `( 0.9.2342.19200300.100.1.55 NAME 'audio' SYNTAX ${syntax}.4 )`,
  `( 1.3.6.1.4.1.250.1.57 NAME 'labeledURI' EQUALITY caseExactMatch SYNTAX ${syntax}.15 )`,
];

/** RFC 4512 §4.1.1. */
export const standardObjectClasses: readonly string[] = [
  "( 2.5.6.0 NAME 'top' ABSTRACT MUST objectClass )",
  "( 2.5.20.1 NAME 'subschema' AUXILIARY MAY ( objectClasses $ attributeTypes $ matchingRules $ ldapSyntaxes ) )",
  "( 1.3.6.1.4.1.1466.101.120.111 NAME 'extensibleObject' SUP top AUXILIARY )",
  "( 2.5.6.4 NAME 'organization' SUP top STRUCTURAL MUST o MAY ( userPassword $ searchGuide $ seeAlso $ businessCategory $ x121Address $ registeredAddress $ destinationIndicator $ preferredDeliveryMethod $ telexNumber $ teletexTerminalIdentifier $ telephoneNumber $ internationaliSDNNumber $ facsimileTelephoneNumber $ street $ postOfficeBox $ postalCode $ postalAddress $ physicalDeliveryOfficeName $ st $ l $ description ) )",
  "( 2.5.6.5 NAME 'organizationalUnit' SUP top STRUCTURAL MUST ou MAY ( businessCategory $ description $ destinationIndicator $ facsimileTelephoneNumber $ internationaliSDNNumber $ l $ physicalDeliveryOfficeName $ postalAddress $ postalCode $ postOfficeBox $ preferredDeliveryMethod $ registeredAddress $ searchGuide $ seeAlso $ st $ street $ telephoneNumber $ teletexTerminalIdentifier $ telexNumber $ userPassword $ x121Address ) )",
  "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ telephoneNumber $ seeAlso $ description ) )",
  "( 2.5.6.7 NAME 'organizationalPerson' SUP person STRUCTURAL MAY ( title $ x121Address $ registeredAddress $ destinationIndicator $ preferredDeliveryMethod $ telexNumber $ teletexTerminalIdentifier $ telephoneNumber $ internationaliSDNNumber $ facsimileTelephoneNumber $ street $ postOfficeBox $ postalCode $ postalAddress $ physicalDeliveryOfficeName $ ou $ st $ l ) )",
  "( 2.16.840.1.113730.3.2.2 NAME 'inetOrgPerson' SUP organizationalPerson STRUCTURAL MAY ( audio $ businessCategory $ carLicense $ departmentNumber $ displayName $ employeeNumber $ employeeType $ givenName $ homePhone $ homePostalAddress $ initials $ jpegPhoto $ labeledURI $ mail $ manager $ mobile $ o $ pager $ photo $ roomNumber $ secretary $ uid $ userCertificate $ x500UniqueIdentifier $ preferredLanguage $ userSMIMECertificate $ userPKCS12 ) )",
];

const rule = (number: string, name: string, of: string) => `( ${number} NAME '${name}' SYNTAX ${syntax}.${of} )`;

/** Matching rules that the attributes above name. RFC 4517 §4.2. */
export const matchingRules: readonly string[] = [
  rule('2.5.13.0', 'objectIdentifierMatch', '38'),
  rule('2.5.13.1', 'distinguishedNameMatch', '12'),
  rule('2.5.13.2', 'caseIgnoreMatch', '15'),
  rule('2.5.13.4', 'caseIgnoreSubstringsMatch', '58'),
  rule('2.5.13.5', 'caseExactMatch', '15'),
  rule('2.5.13.8', 'numericStringMatch', '36'),
  rule('2.5.13.10', 'numericStringSubstringsMatch', '58'),
  rule('2.5.13.11', 'caseIgnoreListMatch', '41'),
  rule('2.5.13.12', 'caseIgnoreListSubstringsMatch', '58'),
  rule('2.5.13.13', 'booleanMatch', '7'),
  rule('2.5.13.16', 'bitStringMatch', '6'),
  rule('2.5.13.17', 'octetStringMatch', '40'),
  rule('2.5.13.20', 'telephoneNumberMatch', '50'),
  rule('2.5.13.21', 'telephoneNumberSubstringsMatch', '58'),
  rule('2.5.13.30', 'objectIdentifierFirstComponentMatch', '38'),
  "( 2.5.13.34 NAME 'certificateExactMatch' SYNTAX 1.3.6.1.1.15.1 )",
  rule('1.3.6.1.4.1.1466.109.114.2', 'caseIgnoreIA5Match', '26'),
  rule('1.3.6.1.4.1.1466.109.114.3', 'caseIgnoreIA5SubstringsMatch', '26'),
];

const named = (number: string, description: string) => `( ${syntax}.${number} DESC '${description}' )`;

/** Syntaxes that the attributes above name. RFC 4517 §3.3. */
export const syntaxes: readonly string[] = [
  named('3', 'Attribute Type Description'),
  named('4', 'Audio'),
  named('5', 'Binary'),
  named('6', 'Bit String'),
  named('7', 'Boolean'),
  named('8', 'X.509 Certificate'),
  named('11', 'Country String'),
  named('12', 'DN'),
  named('14', 'Delivery Method'),
  named('15', 'Directory String'),
  named('22', 'Facsimile Telephone Number'),
  named('23', 'Fax'),
  named('25', 'Guide'),
  named('26', 'IA5 String'),
  named('27', 'Integer'),
  named('28', 'JPEG'),
  named('30', 'Matching Rule Description'),
  named('36', 'Numeric String'),
  named('37', 'Object Class Description'),
  named('38', 'OID'),
  named('40', 'Octet String'),
  named('41', 'Postal Address'),
  named('44', 'Printable String'),
  named('50', 'Telephone Number'),
  named('51', 'Teletex Terminal Identifier'),
  named('52', 'Telex Number'),
  named('54', 'LDAP Syntax Description'),
  named('58', 'Substring Assertion'),
];
