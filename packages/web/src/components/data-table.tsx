import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { formatSort, nextSort, parseSort, sortRows, withQuery, type SortState } from '../lib/url-state.ts';
import { Icon } from './icon.tsx';

export interface Column<T> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly number?: boolean;
  readonly fit?: boolean;
  /** Makes the column sortable; `descendingFirst` for figures of which the greatest matter. */
  readonly sort?: (row: T) => string | number | null;
  readonly descendingFirst?: boolean;
}

interface DataTableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** Attributes of a row's element, such as the incident a key acts on. */
  readonly rowData?: (row: T) => Readonly<Record<string, string>>;
  readonly defaultSort?: SortState;
  /** The query parameter that holds the sort, when a page has several tables. */
  readonly sortParameter?: string;
}

/**
 * A table whose first column names the row. Roles are written out because phone styles make cards of the rows, and a
 * changed `display` takes a table's meaning away in some browsers.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { caption, columns, rows, rowKey, rowData, defaultSort, sortParameter = 'sort' } = props;
  const { query, url, route } = useLocation();
  const sort = parseSort(query[sortParameter], defaultSort ?? null);
  const sortKey = columns.find((column) => column.key === sort?.column)?.sort;
  const ordered = sort && sortKey ? sortRows(rows, sortKey, sort.descending) : rows;
  const onSort = (column: Column<T>) =>
    route(
      withQuery(url, {
        [sortParameter]: formatSort(nextSort(sort, column.key, column.descendingFirst ?? false)),
      }),
      true,
    );
  return (
    <table class="table cards" role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <HeaderCell key={column.key} column={column} sort={sort} onSort={() => onSort(column)} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {ordered.map((row) => (
          <tr key={rowKey(row)} role="row" {...rowData?.(row)}>
            {columns.map((column, index) => (
              <BodyCell key={column.key} column={column} row={row} isHeader={index === 0} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const classOf = (column: { number?: boolean; fit?: boolean }) =>
  [column.number ? 'number' : '', column.fit ? 'fit' : ''].filter(Boolean).join(' ') || undefined;

function HeaderCell<T>(props: {
  readonly column: Column<T>;
  readonly sort: SortState | null;
  readonly onSort: () => void;
}) {
  const { column, sort, onSort } = props;
  const active = sort?.column === column.key ? sort : null;
  const ariaSort = active ? (active.descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" role="columnheader" class={classOf(column)} aria-sort={ariaSort}>
      {column.sort ? (
        <button type="button" class="sort-button" onClick={onSort}>
          {column.header}
          {active ? <Icon name={active.descending ? 'down' : 'up'} /> : null}
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

function BodyCell<T>(props: { readonly column: Column<T>; readonly row: T; readonly isHeader: boolean }) {
  const { column, row, isHeader } = props;
  const value = <div class="value">{column.cell(row)}</div>;
  return isHeader ? (
    <th scope="row" role="rowheader" class={classOf(column)}>
      {value}
    </th>
  ) : (
    <td role="cell" class={classOf(column)} data-label={column.header}>
      {value}
    </td>
  );
}
