#!/usr/bin/env node
// `passerelle`: the operator's commands, one file each under commands/.
import { failureOf } from './failures.ts';
import { createProgram } from './program.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  const { line, exitCode } = failureOf(error);
  if (line !== '') process.stderr.write(`${line}\n`);
  process.exitCode = exitCode;
}
