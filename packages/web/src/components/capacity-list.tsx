import type { FilesystemCapacity } from '../api/types.ts';
import { counted } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { DataTable, type Column } from './data-table.tsx';
import { Horizon } from './horizon.tsx';
import { Load } from './load.tsx';
import { Empty } from './loaded.tsx';

const shownOnNow = 10;

const columns: readonly Column<FilesystemCapacity>[] = [
  {
    key: 'filesystem',
    header: 'Filesystem',
    cell: (filesystem) => (
      <>
        <a class="title" href={paths.filesystem(filesystem.instance, filesystem.mountpoint)} data-row-link>
          {filesystem.mountpoint}
        </a>
        <span class="under">{filesystem.instance}</span>
      </>
    ),
  },
  { key: 'use', header: 'In use', cell: (filesystem) => <Load share={filesystem.utilisation} /> },
  { key: 'full', header: 'Full in', cell: (filesystem) => <Horizon filesystem={filesystem} /> },
];

/** Those that fill first; where none is known to fill, the fullest. */
export function CapacityList({ filesystems }: { readonly filesystems: readonly FilesystemCapacity[] }) {
  if (filesystems.length === 0) {
    return (
      <Empty title="No filesystem is known yet">
        <p>They appear with the first samples of an agent, within one collection interval.</p>
      </Empty>
    );
  }
  const ordered = filesystems.toSorted(
    (left, right) =>
      (left.q50Days ?? Infinity) - (right.q50Days ?? Infinity) ||
      (right.utilisation ?? 0) - (left.utilisation ?? 0),
  );
  const shown = ordered.slice(0, shownOnNow);
  return (
    <DataTable
      caption={`${counted(shown.length, 'filesystem')}, soonest to fill first`}
      columns={columns}
      rows={shown}
      rowKey={(filesystem) => `${filesystem.instance} ${filesystem.mountpoint}`}
    />
  );
}
