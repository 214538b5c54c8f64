// The floors of the house, as rules a machine holds (docs/adr/0001-one-path.md, README "The map").
// A floor imports what is below it; doors never import each other; a library is imported where it is at home.

const ground = '^src/(core|mail|config|database|observe)/';
const first = '^(directory|mailboxes|policies|certs)/';
const second = '^src/(accounts|delivery|dmp|relay)/';
const third = '^src/(smtp|imap|ldap|web|pipeline)/';
const roof = '^src/((all-migrations|context|doors|event-adapters|gateway|main|path-rules|worker)\\.ts|cli/|demo/)';
const house = '^(src|directory|mailboxes|policies|certs)/';

/** One rule: what `from` matches may not import what `to` matches. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** A library at home in some folders: forbidden everywhere else. */
const atHome = (library, folders) =>
  forbid(
    `${library}-at-home`,
    `${library} is imported only in ${folders.join(', ')}`,
    { pathNot: `^(${folders.join('|')})(/|$)` },
    { path: `(^|/)node_modules/(@types/)?${library}(/|$)` },
  );

module.exports = {
  forbidden: [
    forbid('no-cycle', 'Files that import each other are one idea cut in two', {}, { circular: true }),
    forbid('resolvable', 'An import must lead somewhere', {}, { couldNotResolve: true }),
    forbid('no-undeclared-package', 'A package must be in package.json', {}, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
    forbid(
      'no-dev-package-in-the-house',
      'What runs in production is in dependencies; the exception is a package of types',
      { path: house },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    ),
    forbid('core-alone', 'src/core knows nothing of the house', { path: '^src/core/' }, { path: house, pathNot: '^src/core/' }),
    forbid('ground-floor', 'The ground floor imports the ground floor only', { path: ground }, { path: house, pathNot: ground }),
    forbid(
      'first-floor',
      'directory, mailboxes, policies and certs import the ground floor only, never one another',
      { path: '^(directory|mailboxes|policies|certs)/' },
      { path: house, pathNot: [ground, '^$1/'] },
    ),
    forbid(
      'second-floor',
      'accounts, delivery, dmp and relay import what is below, and one another without a cycle',
      { path: second },
      { path: house, pathNot: [ground, first, second] },
    ),
    forbid(
      'third-floor',
      'Doors and pipeline import what is below, never one another',
      { path: '^src/(smtp|imap|ldap|web|pipeline)/' },
      { path: house, pathNot: [ground, first, second, '^src/$1/'] },
    ),
    forbid('nothing-beside-the-map', 'Every file of src stands on a floor', { path: '^src/', pathNot: [ground, second, third, roof] }, {}),
    forbid('house-without-tests', 'The house runs without its tests and scripts', { path: house }, { path: '^(test|scripts)/' }),
    atHome('smtp-server', ['src/smtp', 'src/demo', 'test']),
    atHome('bullmq', ['src/pipeline', 'test/bench']),
    atHome('ioredis', ['src/pipeline', 'test/bench']),
    atHome('node-forge', ['certs', 'test']),
    atHome('imapflow', ['src/cli/commands/import-mailbox.ts', 'src/demo', 'test']),
    atHome('mailparser', ['src/mail', 'test']),
    atHome('ldapts', ['directory', 'src/ldap', 'src/demo', 'test']),
    atHome('xml-crypto', ['src/dmp', 'src/demo', 'test']),
    atHome('@xmldom/xmldom', ['src/dmp', 'src/demo', 'test']),
    forbid(
      'pg-at-home',
      'pg is imported only in src/database, and in src/pipeline for BullMQ on PostgreSQL; its types may be named anywhere',
      { pathNot: '^(src/database|src/pipeline|test)/' },
      { path: '(^|/)node_modules/pg/', dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
