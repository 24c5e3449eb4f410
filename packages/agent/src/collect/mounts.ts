import { MAX_MOUNTS } from '../limits.ts';
import type { Scanner } from './scanner.ts';

/** One line of mountinfo. */
export interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly major: string;
  readonly minor: string;
  readonly readonly: boolean;
}

/** What node_exporter leaves out: the kernel's own trees, and the layers of containers. */
const IGNORED_MOUNTPOINTS =
  /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/;
const IGNORED_TYPES =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$/;

/**
 * The mounts of a mountinfo file that are worth watching:
 * `id parent major:minor root mountpoint options [tags] - fstype source superoptions`.
 */
export function readMounts(scanner: Scanner, rootfs: string): Mount[] {
  const mounts: Mount[] = [];
  const met = new Set<string>();
  for (; !scanner.done && mounts.length < MAX_MOUNTS; scanner.nextLine()) {
    scanner.skipWord();
    scanner.skipWord();
    const [major = '', minor = ''] = scanner.word().split(':');
    scanner.skipWord();
    const mountpoint = withoutPrefix(unescape(scanner.word()), rootfs);
    const options = scanner.word();
    while (scanner.hasMore() && scanner.word() !== '-');
    const fstype = scanner.word();
    const device = scanner.word();
    if (IGNORED_MOUNTPOINTS.test(mountpoint) || IGNORED_TYPES.test(fstype)) continue;
    const key = `${device} ${fstype} ${mountpoint}`;
    // Mounted over itself: the labels would be those of the first.
    if (fstype === '' || met.has(key)) continue;
    met.add(key);
    const readonly = has(options, 'ro') || hasAny(scanner.word(), ['ro', 'emergency_ro']);
    mounts.push({ device, mountpoint, fstype, major, minor, readonly });
  }
  return mounts;
}

function has(options: string, option: string): boolean {
  return options === option || options.split(',').includes(option);
}

function hasAny(options: string, wanted: readonly string[]): boolean {
  return wanted.some((option) => has(options, option));
}

/** Space and tab are written octal; what else is escaped stays as it is, as node_exporter leaves it. */
function unescape(mountpoint: string): string {
  return mountpoint.includes('\\')
    ? mountpoint.replaceAll(String.raw`\040`, ' ').replaceAll(String.raw`\011`, '\t')
    : mountpoint;
}

/** The path as the host has it, where its root is mounted elsewhere. */
function withoutPrefix(mountpoint: string, rootfs: string): string {
  if (rootfs === '' || !mountpoint.startsWith(rootfs)) return mountpoint;
  const stripped = mountpoint.slice(rootfs.length);
  return stripped === '' || stripped.startsWith('/') ? stripped || '/' : mountpoint;
}
