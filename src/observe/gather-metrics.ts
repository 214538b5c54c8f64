// The figures of every process of the gateway as one: the first process does the work of the pipeline, the others that of the doors, and
// whoever draws the curves asks the first. A process that does not answer in time is left out rather than waited for.
import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';

/** What the processes say to each other. A worker is asked only once it has said that it can answer. */
type Said =
  | { readonly is: 'measuring' }
  | { readonly is: 'measures?'; readonly question: number }
  | { readonly is: 'measures'; readonly question: number; readonly metrics: object[] };

/** How long a worker is waited for, in milliseconds. */
const patienceMs = 2_000;

/** In a worker: answers the first process with the figures of `registry`. */
export function answerGatherer(registry: Registry): void {
  process.on('message', async (said: Said) => {
    if (said.is !== 'measures?') return;
    tell({ is: 'measures', question: said.question, metrics: await registry.getMetricsAsJSON() });
  });
  tell({ is: 'measuring' });
}

function tell(said: Said): void {
  if (process.connected) process.send?.(said, undefined, undefined, () => undefined);
}

/** Workers that answer. */
const measuring = new Set<Worker>();
let isListening = false;
let questions = 0;

/** In the first process: to be called before it starts workers. Twice is harmless. */
export function listenToWorkers(): void {
  if (isListening) return;
  isListening = true;
  cluster.on('message', (worker, said: Said) => {
    if (said.is === 'measuring') measuring.add(worker);
  });
  cluster.on('exit', (worker) => measuring.delete(worker));
}

/** The text of /metrics: the figures of `own` and of every worker, summed. */
export async function gatherMetrics(own: Registry): Promise<string> {
  if (measuring.size === 0) return own.metrics();
  questions += 1;
  const question = questions;
  const answers = await Promise.all([own.getMetricsAsJSON(), ...[...measuring].map((worker) => ask(worker, question))]);
  return AggregatorRegistry.aggregate(answers).metrics();
}

function ask(worker: Worker, question: number): Promise<object[]> {
  return new Promise((resolve) => {
    const settle = (metrics: object[]) => {
      clearTimeout(timer);
      worker.off('message', hear);
      worker.off('exit', giveUp);
      resolve(metrics);
    };
    const hear = (said: Said) => {
      if (said.is === 'measures' && said.question === question) settle(said.metrics);
    };
    const giveUp = () => settle([]);
    const timer = setTimeout(giveUp, patienceMs);
    worker.on('message', hear);
    worker.on('exit', giveUp);
    worker.send({ is: 'measures?', question } satisfies Said, (error) => {
      if (error) giveUp();
    });
  });
}
