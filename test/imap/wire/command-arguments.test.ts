import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cursor, type Fragment } from '../../../src/imap/wire/cursor.ts';
import { parseFetchItems } from '../../../src/imap/wire/fetch-items.ts';
import { ImapSyntaxError } from '../../../src/imap/wire/imap-syntax-error.ts';
import { parseSearch } from '../../../src/imap/wire/search-keys.ts';
import { parseStoreItem } from '../../../src/imap/wire/store-item.ts';

function read<Value>(text: string | Fragment[], readOne: (cursor: Cursor) => Value): Value {
  const cursor = new Cursor(typeof text === 'string' ? [text] : text);
  const value = readOne(cursor);
  cursor.end();
  return value;
}

describe('RFC 3501 §9: the elements of a command', () => {
  test.each<[string, string | Fragment[], (cursor: Cursor) => unknown, unknown]>([
    ['atom', 'FooBar-1', (c) => c.atom(), 'FooBar-1'],
    ['astring with a bracket', 'a]b', (c) => c.astring(), 'a]b'],
    ['quoted string', '"a \\"b\\" \\\\"', (c) => c.astring(), 'a "b" \\'],
    ['empty string', '""', (c) => c.string(), ''],
    ['UTF-8 between quotes', '"\xc3\xa9t\xc3\xa9"', (c) => c.string(), 'été'],
    ['literal', ['', Buffer.from('a\r\nb'), ''], (c) => c.string(), 'a\r\nb'],
    ['empty literal', ['', Buffer.alloc(0), ' x'], (c) => [c.astring(), c.space(), c.atom()], ['', undefined, 'x']],
    ['NIL', 'nil', (c) => c.nstring(), null],
    ['"NIL"', '"NIL"', (c) => c.nstring(), 'NIL'],
    ['number', '4294967295', (c) => c.number(), 4294967295],
    ['list', '(1 2 3)', (c) => c.list(() => c.number()), [1, 2, 3]],
    ['empty list', '()', (c) => c.list(() => c.number()), []],
    ['flags', '(\\Seen $Junk)', (c) => c.flagList(), { system: ['\\Seen'], keywords: ['$Junk'] }],
    ['mailbox', '"Envoy&AOk-s"', (c) => c.mailboxName(), 'Envoyés'],
    ['inbox', 'inbox', (c) => c.mailboxName(), 'INBOX'],
    ['pattern', 'a/%*', (c) => c.listPattern(), 'a/%*'],
    ['empty pattern', '""', (c) => c.listPattern(), ''],
    ['date and time', '" 7-Feb-1994 21:52:25 -0800"', (c) => c.dateTime().getTime(), 760686745000],
    ['quoted day', '"1-Feb-2026"', (c) => c.date(), '2026-02-01'],
  ])('%s is read', (_, text, readOne, value) => {
    expect(read(text, readOne)).toEqual(value);
  });

  test.each<[string, string | Fragment[], (cursor: Cursor) => unknown]>([
    ['8-bit bytes in an atom', 'caf\xe9', (c) => c.atom()],
    ['a wildcard in an astring', 'a*', (c) => c.astring()],
    ['an empty atom', '', (c) => c.atom()],
    ['an unclosed quote', '"abc', (c) => c.string()],
    ['an unknown escape', '"a\\b"', (c) => c.string()],
    ['bytes that are not UTF-8', '"\xe9"', (c) => c.string()],
    ['NUL in a literal', [Buffer.from('a\0b')], (c) => c.string()],
    ['a number above 32 bits', '4294967296', (c) => c.number()],
    ['a number of 40 digits', '9'.repeat(40), (c) => c.number64()],
    ['a negative number', '-1', (c) => c.number()],
    ['zero where none may be', '0', (c) => c.nzNumber()],
    ['an unclosed list', '(1 2', (c) => c.list(() => c.number())],
    ['two spaces in a list', '(1  2)', (c) => c.list(() => c.number())],
    ['a negative literal', '{-5}', (c) => c.astring()],
    ['a flag without a name', '(\\)', (c) => c.flagList()],
    ['a keyword without end', `(${'k'.repeat(101)})`, (c) => c.flagList()],
    ['flags without end', `(${Array(101).fill('k').join(' ')})`, (c) => c.flagList()],
    ['a name in 8-bit', '"caf\xc3\xa9"', (c) => c.mailboxName()],
    ['a pattern without end', '*'.repeat(1001), (c) => c.listPattern()],
    ['something after the end', 'a b', (c) => c.atom()],
    ['a literal after the end', ['a', Buffer.from('b')], (c) => c.atom()],
  ])('%s is a syntax error', (_, text, readOne) => {
    expect(() => read(text, readOne)).toThrow(ImapSyntaxError);
  });

  test('RFC 3501 §9: each element takes exactly its own characters', () => {
    const taken = (readOne: (cursor: Cursor) => unknown) =>
      Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((character) => {
        try {
          return read(character, readOne) !== undefined;
        } catch {
          return false;
        }
      });
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    expect(taken((c) => c.atom())).toEqual(printable.filter((character) => !'(){%*"\\]'.includes(character)));
    expect(taken((c) => c.astring())).toEqual(printable.filter((character) => !'(){%*"\\'.includes(character)));
    expect(taken((c) => c.listPattern())).toEqual(printable.filter((character) => !'(){"\\&'.includes(character)));
  });

  test('an error says where and what was expected, never what was sent', () => {
    expect(() => read(' secret-279035121518989', (c) => [c.space(), c.number()])).toThrow(/^Expected a number at character 2$/);
  });

  test('a quoted string as long as a command is read', () => {
    expect(read(`"${'\\"'.repeat(32_000)}"`, (c) => c.string())).toHaveLength(32_000);
  });
});

describe('RFC 3501 §6.4.5: what FETCH asks for', () => {
  const labels = (text: string) => read(text, parseFetchItems).map((item) => item.label);

  test.each([
    ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
    ['fast', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
    ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
    ['UID', ['UID']],
    ['(uid Flags BODYSTRUCTURE uid)', ['UID', 'FLAGS', 'BODYSTRUCTURE']],
    ['(RFC822 RFC822.HEADER RFC822.TEXT)', ['RFC822', 'RFC822.HEADER', 'RFC822.TEXT']],
    ['BODY[]', ['BODY[]']],
    ['body.peek[header]', ['BODY[HEADER]']],
    ['BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.100>', ['BODY[HEADER.FIELDS (SUBJECT)]<0>']],
    ['BODY[1.2.HEADER.FIELDS.NOT (From "To" "X]y")]', ['BODY[1.2.HEADER.FIELDS.NOT (From To "X]y")]']],
    ['(BODY[4.2.MIME] BODY[4.2.TEXT]<5.1> BODY[4])', ['BODY[4.2.MIME]', 'BODY[4.2.TEXT]<5>', 'BODY[4]']],
  ])('%s', (text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  test('a section carries its path, its fields, its octets, and whether it marks the message read', () => {
    expect(read('BODY[1.2.HEADER.FIELDS (Subject)]<10.20>', parseFetchItems)).toEqual([
      {
        kind: 'section',
        label: 'BODY[1.2.HEADER.FIELDS (Subject)]<10>',
        section: { path: [1, 2], what: 'header', fields: { names: ['Subject'], isExcluding: false } },
        setsSeen: true,
        partial: { offset: 10, count: 20 },
      },
    ]);
    expect(read('(BODY.PEEK[] BODY[])', parseFetchItems)).toEqual([
      { kind: 'section', label: 'BODY[]', section: { path: [], what: 'body' }, setsSeen: true },
    ]);
  });

  test.each([
    '()',
    '(ALL)',
    'ALL FLAGS',
    'BODY[',
    'BODY[0]',
    'BODY[1.]',
    'BODY[.1]',
    'BODY[MIME]',
    'BODY[HEADER.FIELDS]',
    'BODY[HEADER.FIELDS ()]',
    'BODY[HEADER.FIELDS ("a b")]',
    'BODY[HEADER.FIELDS (a:)]',
    'BODY[]<0>',
    'BODY[]<0.0>',
    'BODY[]<-1.5>',
    'BODYSTRUCTURE[]',
    'FOO',
    '(FLAGS',
    'RFC822.PEEK',
    `BODY[${'1.'.repeat(150)}1]`,
  ])('%s is a syntax error', (text) => {
    expect(() => read(text, parseFetchItems)).toThrow(ImapSyntaxError);
  });

  test('a header name cannot break the line of the answer', () => {
    const fragments = ['BODY[HEADER.FIELDS (', Buffer.from('a\r\n* BYE'), ')]'];
    expect(() => read(fragments, parseFetchItems)).toThrow(ImapSyntaxError);
  });
});

describe('RFC 3501 §6.4.4: what SEARCH asks', () => {
  test.each([
    ['ALL', { key: 'all' }],
    ['unseen', { key: 'flag', flag: '\\Seen', isSet: false }],
    [
      '2,4:*',
      {
        key: 'sequence',
        set: [
          { first: 2, last: 2 },
          { first: 4, last: '*' },
        ],
      },
    ],
    ['UID 7', { key: 'uid', set: [{ first: 7, last: 7 }] }],
    ['CHARSET UTF-8 SUBJECT "\xc3\xa9t\xc3\xa9"', { key: 'envelope', field: 'subject', contains: 'été' }],
    ['HEADER Message-ID ""', { key: 'header', name: 'Message-ID', contains: '' }],
    ['SINCE 1-Feb-1994', { key: 'internal-date', relation: 'since', day: '1994-02-01' }],
    ['LARGER 5000000000', { key: 'size', relation: 'larger', sizeBytes: 5_000_000_000 }],
    ['UNKEYWORD $Junk', { key: 'keyword', keyword: '$Junk', isSet: false }],
    ['OLD', { key: 'recent', isSet: false }],
    [
      'FLAGGED SENTBEFORE "1-Feb-1994" NOT FROM Smith',
      {
        key: 'and',
        keys: [
          { key: 'flag', flag: '\\Flagged', isSet: true },
          { key: 'sent-date', relation: 'before', day: '1994-02-01' },
          { key: 'not', negated: { key: 'envelope', field: 'from', contains: 'Smith' } },
        ],
      },
    ],
    [
      'OR (SEEN DELETED) BODY x',
      {
        key: 'or',
        left: {
          key: 'and',
          keys: [
            { key: 'flag', flag: '\\Seen', isSet: true },
            { key: 'flag', flag: '\\Deleted', isSet: true },
          ],
        },
        right: { key: 'body', contains: 'x' },
      },
    ],
  ])('%s', (text, key) => {
    expect(read(text, parseSearch)).toEqual({ key });
  });

  test('a literal can be what is looked for', () => {
    expect(read(['TEXT ', Buffer.from('été\r\n'), ' SEEN'], parseSearch)).toMatchObject({
      key: { key: 'and', keys: [{ contains: 'été\r\n' }, {}] },
    });
  });

  test('another charset is told apart from bad syntax', () => {
    expect(parseSearch(new Cursor(['CHARSET ISO-8859-15 ALL']))).toBe('bad-charset');
  });

  test.each([
    '',
    'FOO',
    'CHARSET UTF-8',
    'OR SEEN',
    'NOT',
    '()',
    '(SEEN',
    'SEEN)',
    'SEEN  SEEN',
    'SINCE yesterday',
    'LARGER -1',
    'HEADER a',
    'SEEN ',
    'CHARSET UTF-8 CHARSET UTF-8 ALL',
    'KEYWORD \\Seen',
    '0',
    'ALL CHARSET UTF-8',
    `${'('.repeat(100_000)}ALL`,
    `${'NOT '.repeat(30_000)}ALL`,
    `${'OR SEEN '.repeat(10_000)}SEEN`,
    Array(501).fill('SEEN').join(' '),
  ])('%.40j is a syntax error', (text) => {
    expect(() => read(text, parseSearch)).toThrow(ImapSyntaxError);
  });
});

describe('RFC 3501 §6.4.6: what STORE changes', () => {
  test.each([
    ['FLAGS (\\Seen)', { mode: 'replace', isSilent: false, flags: { system: ['\\Seen'], keywords: [] } }],
    ['+flags.silent \\Deleted $Junk', { mode: 'add', isSilent: true, flags: { system: ['\\Deleted'], keywords: ['$Junk'] } }],
    ['-FLAGS ()', { mode: 'remove', isSilent: false, flags: { system: [], keywords: [] } }],
  ])('%s', (text, item) => {
    expect(read(text, parseStoreItem)).toEqual(item);
  });

  test.each(['FLAGS', 'FLAGS ', '*FLAGS (a)', '+ FLAGS (a)', 'FLAGS.LOUD (a)', 'FLAGS (a', '+-FLAGS (a)', 'FLAGS (a) b'])(
    '%s is a syntax error',
    (text) => {
      expect(() => read(text, parseStoreItem)).toThrow(ImapSyntaxError);
    },
  );
});

test('whatever is sent, a parser answers or throws a syntax error, and nothing else', () => {
  const words = [
    '(',
    ')',
    '[',
    ']',
    '<',
    '>',
    '"',
    '\\',
    '{',
    '}',
    ' ',
    '*',
    '%',
    ':',
    ',',
    '.',
    '0',
    '1',
    '99999999999',
    'BODY',
    'HEADER.FIELDS',
    'NOT',
    'OR',
    'UID',
    'FLAGS',
    '\x00',
    '\xe9',
    '\r',
    '\n',
    '&',
    '&-',
    'NIL',
    'CHARSET',
    '1-Feb-2026',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 20 }).map((parts) => parts.join(''));
  const fragments = fc.array(
    fc.oneof(
      text,
      fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 4 },
  );
  const parsers: ((cursor: Cursor) => unknown)[] = [
    parseFetchItems,
    parseSearch,
    parseStoreItem,
    (c) => c.mailboxName(),
    (c) => c.listPattern(),
    (c) => c.nstring(),
    (c) => c.sequenceSet(),
    (c) => c.dateTime(),
    (c) => c.date(),
    (c) => c.flagList(),
  ];
  fc.assert(
    fc.property(fragments, fc.constantFrom(...parsers), (sent, parse) => {
      try {
        parse(new Cursor(sent));
      } catch (error) {
        expect(error).toBeInstanceOf(ImapSyntaxError);
      }
    }),
    { numRuns: 2000 },
  );
});
