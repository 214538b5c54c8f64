#!/usr/bin/env node
// `passerelle`: the operator's commands, one file each under commands/.
import { Command } from 'commander';
import { ConfigError } from '../config/problems.ts';
import { showConfigCommand } from './commands/show-config.ts';

const program = new Command('passerelle').description('The gateway of secure health mail: operator commands');
program.addCommand(new Command('config').description('The configuration').addCommand(showConfigCommand()));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
