import { PlimsollError } from '../errors.ts';

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (file: string) => Promise<string>;
}

/** Where a secret may be: the file a setting names, an environment variable, or the file its `_FILE` names. */
export interface SecretPlace {
  /** Whose it is, for the message. */
  readonly owner: string;
  readonly variable: string;
  readonly file: string | undefined;
}

/** The secret without white space around it; null where it is nowhere. */
export async function readSecret(
  place: SecretPlace,
  { env, readFile }: SecretSources,
): Promise<string | null> {
  const file = place.file ?? env[`${place.variable}_FILE`];
  if (file === undefined) return env[place.variable] ?? null;
  try {
    return (await readFile(file)).trim();
  } catch (error) {
    throw new PlimsollError(
      'configuration',
      `${place.owner}: cannot read the secret file ${file}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
