// Where things lie when nobody says otherwise: the system's folders for root, the user's own for anybody else.
// XDG Base Directory Specification; on macOS the Library folder.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const isRoot = process.getuid?.() === 0;
const systemFolder = '/var/lib/passerelle';

/** Mail, keys and the embedded database. */
export function dataFolder(): string {
  if (isRoot) return systemFolder;
  return join(userFolder('XDG_DATA_HOME', join('.local', 'share'), join('Library', 'Application Support')), 'passerelle');
}

/** The copies of PostgreSQL's programs: can be made again at any time, and shared by several data folders. */
export function programsFolder(): string {
  if (isRoot) return systemFolder;
  return join(userFolder('XDG_CACHE_HOME', '.cache', join('Library', 'Caches')), 'passerelle');
}

// The specification has relative paths ignored.
function userFolder(variable: string, usual: string, onMac: string): string {
  const given = process.env[variable];
  if (given !== undefined && isAbsolute(given)) return given;
  return join(homedir(), process.platform === 'darwin' ? onMac : usual);
}
