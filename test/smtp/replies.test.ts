// What peers read: ASCII on the wire, one status class per reply, and words that say nothing of our insides.
import { describe, expect, test } from 'vitest';
import { deferrals, refusals } from '../../policies/verdict.ts';
import { asciiText } from '../../src/core/ascii-text.ts';
import { protocolReplies, type Reply, replyForError, replyForVerdict } from '../../src/smtp/replies.ts';

test.each([
  ['Évènement où ça gêne', 'Evenement ou ca gene'],
  ['l’œuvre « entière »…', 'l\'oeuvre " entiere "...'],
  ['ligne\r\ncoupée\t!', 'ligne  coupee !'],
  ['字 😀', '? ?'],
])('asciiText() folds %j', (text, expected) => {
  expect(asciiText(text)).toBe(expected);
});

function isSound(reply: Reply): boolean {
  const status = /^([245])\.\d{1,3}\.\d{1,3} [\x20-\x7e]+$/.exec(reply.text);
  return status?.[1] === String(reply.code)[0] && reply.text.length + 6 <= 512;
}

describe('every reply is ASCII, under 512 bytes, and its enhanced status is of its class (RFC 2034 §3)', () => {
  const verdicts = [
    ...Object.keys(refusals).map((code) => ({ do: 'refuse' as const, code: code as keyof typeof refusals, because: 'a-rule' })),
    ...Object.keys(deferrals).map((code) => ({ do: 'defer' as const, code: code as keyof typeof deferrals, because: 'a-rule' })),
  ];
  test.each(verdicts)('$do $code', (verdict) => {
    const reply = replyForVerdict(verdict);
    expect(reply && isSound(reply)).toBe(true);
    expect(reply?.text).not.toContain('a-rule');
  });

  test.each(Object.entries(protocolReplies))('%s', (_name, reply) => {
    expect(isSound(reply)).toBe(true);
  });
});

test('a bug of ours is 451, never 5xx, and tells nothing', () => {
  expect(replyForError(new Error('relation "exchanges" does not exist'))).toEqual({
    code: 451,
    text: '4.3.0 Le service est momentanement indisponible, reessayez',
  });
});
