import type { Journal } from './journal/journal.ts';
import { newId } from './journal/journal.ts';
import type { Actor } from './json/common.ts';
import type { Staging } from './staging.ts';

const PREFIX = 'person-';
const ERASED = 'erased person';

/** Keeps names out of the journal: events name people by opaque ids, whose names can be erased. */
export class People {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The id of a name, made when it is new. */
  idOf(name: string, staging: Staging): string {
    const known = this.#journal.personId(name);
    if (known !== undefined) return known;
    for (const [id, stagedName] of staging.people) if (stagedName === name) return id;
    const id = PREFIX + newId();
    staging.people.set(id, name);
    return id;
  }

  /** The actor as the journal may keep it. */
  actorOf(actor: Actor, staging: Staging): Actor {
    return actor.kind === 'user' ? { kind: 'user', id: this.idOf(actor.id, staging) } : actor;
  }

  /** The name behind an id; an id that is no person's is its own name. */
  readonly nameOf = (id: string): string =>
    id.startsWith(PREFIX) ? (this.#journal.personName(id) ?? ERASED) : id;
}
