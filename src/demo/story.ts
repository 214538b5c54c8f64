// The story: what a gateway of secure health mail does in a day, one step after the other, on the real protocols.
// Each step throws when the gateway does not do what it says. The chapters stand in story/.
import { addressBook } from './story/address-book.ts';
import { answers } from './story/answers.ts';
import { documents } from './story/documents.ts';
import { firstLetters } from './story/first-letters.ts';
import { otherOperators } from './story/other-operators.ts';
import { record } from './story/record.ts';
import type { Step } from './story/step.ts';
import { whatComesBack } from './story/what-comes-back.ts';
import { whoMayWrite } from './story/who-may-write.ts';

/** Every step, in order. A later step rests on those before it. */
export const story: readonly Step[] = [
  ...firstLetters,
  ...whoMayWrite,
  ...whatComesBack,
  ...documents,
  ...answers,
  ...otherOperators,
  ...record,
  ...addressBook,
];
