import { MAX_MOUNTS } from '../limits.ts';

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
export function readMounts(text: string, rootfs: string): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    if (mounts.size >= MAX_MOUNTS) break;
    const mount = parseMount(line, rootfs);
    if (mount === undefined || IGNORED_MOUNTPOINTS.test(mount.mountpoint) || IGNORED_TYPES.test(mount.fstype))
      continue;
    const key = `${mount.device} ${mount.fstype} ${mount.mountpoint}`;
    // Of two mounted over each other, which differ in nothing that is told, the first stands.
    if (!mounts.has(key)) mounts.set(key, mount);
  }
  return [...mounts.values()];
}

function parseMount(line: string, rootfs: string): Mount | undefined {
  const [own = '', rest] = line.split(' - ', 2);
  const [, , version = '', , mounted, options = ''] = own.split(' ');
  if (mounted === undefined || rest === undefined) return undefined;
  const [fstype = '', device = '', superOptions = ''] = rest.split(' ');
  const [major = '', minor = ''] = version.split(':');
  const readonly = has(options, 'ro') || has(superOptions, 'ro') || has(superOptions, 'emergency_ro');
  return { device, mountpoint: withoutPrefix(unescape(mounted), rootfs), fstype, major, minor, readonly };
}

function has(options: string, option: string): boolean {
  return options === option || options.split(',').includes(option);
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
