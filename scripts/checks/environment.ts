// Every setting passes through one schema, so the environment is read in src/config and nowhere else in the house.
import { type Check, listSources } from './check.ts';

const reader = 'src/config/';
const readsEnvironment = /\bprocess\s*\.\s*env\b|\benv\b[^'"]*\}\s*from\s+['"](?:node:)?process['"]/;

export const environment: Check = {
  name: 'environment',
  run: async () => {
    const sources = await listSources(['src', 'directory', 'mailboxes', 'policies', 'certs']);
    const problems = sources
      .filter(({ path }) => !path.startsWith(reader))
      .flatMap(({ path, text }) =>
        text.split('\n').flatMap((line, index) => {
          const isComment = /^\s*(?:\/\/|\*|\/\*)/.test(line);
          return !isComment && readsEnvironment.test(line) ? [`${path}:${index + 1}: the environment is read in ${reader} only`] : [];
        }),
      );
    return { problems };
  },
};
