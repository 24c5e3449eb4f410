import type { FileConfig } from '../../config/config.ts';

/** Who is told of an alert: the desk always, then the channels it notifies. */
export function receiverNames({ notifications }: FileConfig): readonly string[] {
  return ['desk', ...notifications.channels.map(({ name }) => name)];
}
