// Every operation the door answers. What would write is refused: the directory is written elsewhere. RFC 4511 §4.6 to §4.10.
import { type AnsweredOperation, ends, type OperationContext, type OperationOutcome } from '../operation.ts';
import { resultCode } from '../wire/protocol.ts';
import { bind } from './bind.ts';
import { extended } from './extended.ts';
import { search } from './search.ts';

/** Runs an operation to its result; what it throws is the connection's to answer. */
export async function runOperation(operation: AnsweredOperation, context: OperationContext): Promise<OperationOutcome> {
  switch (operation.is) {
    case 'bind':
      return bind(operation, context);
    case 'search':
      return search(operation, context);
    case 'extended':
      return extended(operation, context);
    case 'foreign':
      return ends(resultCode.unwillingToPerform, 'Cet annuaire se consulte seulement');
  }
}
