// docs/operations/alerts.md says the truth: its figures, labels and commands exist, and each figure of the outbox has an alert.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { systemClock } from '../../src/core/clock.ts';
import { addDirectoryGauges } from '../../src/observe/directory-gauges.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { addOutboxGauges } from '../../src/observe/outbox-gauges.ts';
import { addSyncGauges } from '../../src/observe/sync-gauges.ts';

let page: string;
/** Of each figure, the names of its labels. */
const figures = new Map<string, readonly string[]>();

beforeAll(async () => {
  page = await readFile(new URL('../../docs/operations/alerts.md', import.meta.url), 'utf8');
  const { registry } = createMetrics();
  addOutboxGauges(registry, { tasks: [], read: async () => [], failed: () => undefined, clock: systemClock });
  addSyncGauges(registry, { periods: new Map(), readAges: async () => new Map(), failed: () => undefined });
  addDirectoryGauges(registry, { countTestIdentities: async () => 0, failed: () => undefined });
  for (const metric of registry.getMetricsAsArray()) {
    figures.set(metric.name, (metric as unknown as { labelNames: readonly string[] }).labelNames);
  }
});

const sections = () => page.split(/^## /m).slice(1);
const expressionOf = (section: string) => /^ {2}expr: (?:\|\n)?([\s\S]*?)\n {2}(?:for|labels):/m.exec(section)?.[1] ?? '';

test('every alert has a name of its own, an expression, a severity, what it means and what to do', () => {
  const names = sections().map((section) => /^- alert: (Passerelle[A-Za-z]+)$/m.exec(section)?.[1] ?? expect.fail(section));
  expect(new Set(names).size).toBe(names.length);
  for (const section of sections()) {
    expect(section).toMatch(/severity: (warning|critical)/);
    expect(section).toMatch(/^\*\*Means\.\*\* \p{L}/mu);
    expect(section).toMatch(/^\*\*Do\.\*\* \S/m);
    const expression = expressionOf(section);
    expect(expression).toContain('passerelle_');
    expect(expression.split('(').length).toBe(expression.split(')').length);
  }
});

test('every figure that the page names exists, with the labels it is asked by', () => {
  const named = page.match(/passerelle_\w+/g) ?? [];
  expect(named.filter((name) => !figures.has(name))).toEqual([]);
  for (const expression of sections().map(expressionOf)) {
    for (const [, name = '', labels = ''] of expression.matchAll(/(passerelle_\w+)\{([^}]*)\}/g)) {
      for (const [, label = ''] of labels.matchAll(/(\w+)=/g)) expect(figures.get(name)).toContain(label);
    }
    for (const [, label = ''] of expression.matchAll(/by \((\w+)\)/g)) {
      for (const name of expression.match(/passerelle_\w+/g) ?? []) expect(figures.get(name)).toContain(label);
    }
  }
});

test('no figure of the outbox is without an alert', () => {
  const watched = sections().map(expressionOf).join('\n');
  const outbox = [...figures.keys()].filter((name) => name.startsWith('passerelle_outbox_'));
  expect(outbox.length).toBeGreaterThanOrEqual(4);
  expect(outbox.filter((name) => !watched.includes(name))).toEqual([]);
});

test('every command that the page gives exists, with its options', () => {
  const commands = [...page.matchAll(/`passerelle ([^`]+)`/g)].map(([, words = '']) => words.split(' '));
  expect(commands.length).toBeGreaterThan(5);
  for (const words of commands) {
    let command: Command = createProgram();
    while (command.commands.length > 0) {
      const name = words.shift();
      command = command.commands.find((one) => one.name() === name) ?? expect.fail(`no command ${name}`);
    }
    const options = words.filter((word) => word.startsWith('--'));
    expect(options.filter((option) => !command.options.some(({ long }) => long === option))).toEqual([]);
  }
});
