// `passerelle config show`: what the gateway would run with, defaults included, secrets left out.
import type { Command } from 'commander';
import { loadConfig } from '../../config/load-config.ts';
import { showConfig } from '../../config/show-config.ts';
import { operatorCommand } from '../operator-command.ts';

/** The command; an unusable configuration throws ConfigError with all its problems. */
export function showConfigCommand(): Command {
  return operatorCommand(
    'show',
    'Affiche chaque réglage avec sa valeur, secrets masqués, sous la forme d’un fichier de configuration (JSON)',
  ).action((options: { config?: string }) => {
    const config = loadConfig(options.config === undefined ? {} : { file: options.config });
    process.stdout.write(`${showConfig(config)}\n`);
  });
}
