// The load in a process of its own, so that what it costs is not taken for the gateway's, nor its waiting for the bench's.
import { loadFsync } from './load-fsync.ts';
import { loadLetters } from './load-letters.ts';
import type { LoadTask } from './tasks.ts';

process.once('message', (task: LoadTask) => {
  const result = task.do === 'fsync' ? loadFsync(task) : loadLetters(task);
  result.then(
    (value) => process.send?.({ value }, () => process.disconnect()),
    (error: Error) => process.send?.({ failure: error.message }, () => process.disconnect()),
  );
});
