// `passerelle config show`: what the gateway would run with, defaults included, secrets left out.
import { Command } from 'commander';
import { loadConfig } from '../../config/load-config.ts';
import { showConfig } from '../../config/show-config.ts';

/** The command; an unusable configuration throws ConfigError with all its problems. */
export function showConfigCommand(): Command {
  return new Command('show')
    .description('Print every setting with its value, secrets redacted')
    .option('--config <file>', 'configuration file (JSON); PASSERELLE_CONFIG names one too')
    .action((options: { config?: string }) => {
      const config = loadConfig(options.config === undefined ? {} : { file: options.config });
      process.stdout.write(`${showConfig(config)}\n`);
    });
}
