import type { Incident } from '../api/types.ts';
import { linkOf } from '../lib/link.ts';

/** What to do about it: links where an address is known, else the names under which people find them. */
export function Runbooks({ runbooks }: Pick<Incident, 'runbooks'>) {
  if (runbooks.length === 0) return <>none</>;
  return (
    <>
      {runbooks.map(({ name, url }) => {
        const link = linkOf(url ?? name);
        return (
          <div key={`${name} ${url ?? ''}`}>
            {link === null ? (
              (url ?? name)
            ) : (
              // The target keeps this application from taking a path of the same server for one of its own pages.
              <a href={link} target="_top">
                {name}
              </a>
            )}
          </div>
        );
      })}
    </>
  );
}
