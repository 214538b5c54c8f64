// SEARCH: what columns answer, what only the bytes answer, and the two together. RFC 9051 §6.4.4.
import { describe, expect, test } from 'vitest';
import { searchMessages } from '../../mailboxes/search-messages.ts';
import type { SearchQuery } from '../../mailboxes/search-query.ts';
import { RefusedError } from '../../src/core/errors.ts';
import { mailboxWorld } from './mailbox-world.ts';

const text = (from: string, subject: string, date: string, body = 'x') =>
  `From: ${from}\r\nTo: patient@mssante.example\r\nCc: "Cabinet" <cabinet@mssante.example>\r\nSubject: ${subject}\r\n${date && `Date: ${date}\r\n`}\r\n${body}\r\n`;

async function searchable() {
  const { db, mailbox, append } = await mailboxWorld();
  const lea = await mailbox('lea');
  const day = (iso: string) => ({ internalDate: new Date(iso) });
  await append(lea, {
    text: text('Dr Léa Martin <lea@mssante.example>', 'Résultats 100%_sûrs', 'Fri, 20 Nov 2026 23:30:00 +0000'),
    flags: 1,
    ...day('2026-11-20T23:59:59.999Z'),
  });
  await append(lea, {
    text: text('paul@mssante.example', '=?UTF-8?Q?=C3=89chographie?=', 'Sat, 21 Nov 2026 00:00:00 +0000', 'y'.repeat(5000)),
    keywords: ['Urgent'],
    ...day('2026-11-21T00:00:00Z'),
  });
  const { folderId, modseq } = await append(lea, {
    text: text("o'brien@mssante.example", 'a\\b', ''),
    flags: 5,
    ...day('2026-11-22T00:00:00Z'),
  });
  return { modseq, search: (query: SearchQuery) => searchMessages(db, lea.mailboxId, folderId, query) };
}

const contains = (field: 'from' | 'to' | 'cc' | 'bcc' | 'subject', what: string): SearchQuery => ({ test: 'contains', field, text: what });
const not = (of: SearchQuery): SearchQuery => ({ test: 'not', of });

test('each test that columns answer', async () => {
  const { search, modseq } = await searchable();
  const table: [SearchQuery, number[]][] = [
    [{ test: 'all' }, [1, 2, 3]],
    [not({ test: 'all' }), []],
    [{ test: 'and', of: [] }, [1, 2, 3]],
    [{ test: 'or', of: [] }, []],
    [
      {
        test: 'uids',
        ranges: [
          [3, 9],
          [1, 1],
        ],
      },
      [1, 3],
    ],
    [{ test: 'uids', ranges: [] }, []],
    [{ test: 'flags', flags: 1 }, [1, 3]],
    [{ test: 'flags', flags: 5 }, [3]],
    [not({ test: 'flags', flags: 1 }), [2]],
    [{ test: 'keyword', keyword: 'URGENT' }, [2]],
    [{ test: 'internal-date', when: 'before', day: '2026-11-21' }, [1]],
    [{ test: 'internal-date', when: 'on', day: '2026-11-21' }, [2]],
    [{ test: 'internal-date', when: 'since', day: '2026-11-21' }, [2, 3]],
    [{ test: 'sent', when: 'on', day: '2026-11-20' }, [1]],
    [not({ test: 'sent', when: 'on', day: '2026-11-20' }), [2, 3]],
    [{ test: 'sent', when: 'since', day: '2026-01-01' }, [1, 2]],
    [{ test: 'larger', bytes: 5000 }, [2]],
    [{ test: 'smaller', bytes: 5000 }, [1, 3]],
    [contains('from', 'LÉA MARTIN'), [1]],
    [contains('from', "O'Brien"), [3]],
    [contains('subject', '100%_'), [1]],
    [contains('subject', '%'), [1]],
    [contains('subject', 'échographie'), [2]],
    [contains('subject', 'A\\B'), [3]],
    [contains('cc', 'cabinet'), [1, 2, 3]],
    [contains('bcc', 'x'), []],
    [contains('to', ''), [1, 2, 3]],
    [contains('to', '\0'), []],
    [{ test: 'modseq', atLeast: modseq }, [3]],
    [
      { test: 'or', of: [contains('subject', '%'), { test: 'and', of: [{ test: 'flags', flags: 4 }, not(contains('from', 'paul'))] }] },
      [1, 3],
    ],
  ];
  for (const [query, uids] of table) expect([query, await search(query)]).toEqual([query, uids]);
});

describe('tests that need the bytes', () => {
  test('are asked only about messages that they decide', async () => {
    const { search } = await searchable();
    const asked: number[] = [];
    const content = (matching: number[]): SearchQuery => ({
      test: 'content',
      matches: async ({ uid }) => {
        asked.push(uid);
        return matching.includes(uid);
      },
    });
    const askedFor = async (query: SearchQuery) => {
      asked.length = 0;
      return { found: await search(query), asked: [...asked] };
    };
    expect(await askedFor(content([2]))).toEqual({ found: [2], asked: [1, 2, 3] });
    expect(await askedFor(not(content([2])))).toEqual({ found: [1, 3], asked: [1, 2, 3] });
    expect(await askedFor({ test: 'and', of: [content([1, 2]), { test: 'flags', flags: 1 }] })).toEqual({ found: [1], asked: [1, 3] });
    expect(await askedFor({ test: 'or', of: [content([2]), { test: 'flags', flags: 1 }] })).toEqual({ found: [1, 2, 3], asked: [2] });
    expect(await askedFor(not({ test: 'and', of: [{ test: 'flags', flags: 1 }, content([1])] }))).toEqual({ found: [2, 3], asked: [1, 3] });
    expect(await askedFor({ test: 'and', of: [{ test: 'uids', ranges: [] }, content([1])] })).toEqual({ found: [], asked: [] });
  });

  test('what they throw is thrown', async () => {
    const { search } = await searchable();
    const failing: SearchQuery = { test: 'content', matches: () => Promise.reject(new Error('unreadable')) };
    await expect(search(failing)).rejects.toThrow('unreadable');
  });
});

test('a query nested without end is refused, not evaluated', async () => {
  const { search } = await searchable();
  const nested = (levels: number) => Array.from({ length: levels }).reduce<SearchQuery>((of) => not(of), { test: 'all' });
  expect(await search(nested(48))).toEqual([1, 2, 3]);
  await expect(search(nested(20_000))).rejects.toThrow(RefusedError);
});
