/** Raise it whenever the tables or the states they hold change: an older file is thrown away and rebuilt. */
export const PROJECTIONS_VERSION = 2;

export const TABLES = `
CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL) STRICT;
INSERT INTO progress VALUES (1, 0);
-- The sort columns order a list: open before ended, then by priority and due time, or by the newest end.
CREATE TABLE incident (
  id TEXT PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  signature TEXT NOT NULL,
  occurrence INTEGER NOT NULL,
  state TEXT NOT NULL,
  active INTEGER NOT NULL,
  priority TEXT NOT NULL,
  services TEXT NOT NULL,
  instances TEXT NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  sort_1 INTEGER NOT NULL,
  sort_2 INTEGER NOT NULL,
  sort_3 INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX incident_signature ON incident (signature, occurrence);
CREATE INDEX incident_sort ON incident (sort_1, sort_2, sort_3, number DESC);
CREATE INDEX incident_active ON incident (active) WHERE active = 1;
CREATE TABLE problem (
  id TEXT PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  signature TEXT NOT NULL,
  state TEXT NOT NULL,
  open INTEGER NOT NULL,
  service TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX problem_signature ON problem (signature);
-- The newest state of everything that is neither: collector, streams, hosts, services, catalogue, inventories.
CREATE TABLE entity (
  aggregate TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
