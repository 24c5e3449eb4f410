import { PlimsollError } from '../errors.ts';
import type { NotificationChannel } from './config.ts';
import type { ChannelSettings } from './file-schema.ts';
import { readSecret, type SecretSources } from './read-secret.ts';

/**
 * Channels with their secrets read: from the `*_file` key, else from the environment variable
 * `PLIMSOLL_<CHANNEL>_<SECRET>` or the file named by `PLIMSOLL_<CHANNEL>_<SECRET>_FILE`, where CHANNEL is the channel's
 * name in capitals with `_` for everything that is no letter or digit.
 */
export async function readChannels(
  channels: readonly ChannelSettings[],
  sources: SecretSources,
): Promise<NotificationChannel[]> {
  const names = channels.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new PlimsollError('configuration', `notifications.channels: two channels are named "${twice}"`);
  }
  return Promise.all(channels.map((channel) => readChannel(channel, sources)));
}

async function readChannel(channel: ChannelSettings, sources: SecretSources): Promise<NotificationChannel> {
  const { name, sendResolved } = channel;
  const secret = (key: string, file: string | undefined) =>
    readSecret(
      { owner: `channel "${name}"`, variable: `PLIMSOLL_${inCapitals(name)}_${key}`, file },
      sources,
    );
  if (channel.kind === 'webhook') {
    const url = channel.url ?? (await secret('URL', channel.url_file));
    if (url === null || !URL.canParse(url) || !/^https?:/.test(url)) {
      throw new PlimsollError(
        'configuration',
        `channel "${name}": give an http or https URL by url or url_file`,
      );
    }
    const hmacSecret = await secret('HMAC_SECRET', channel.hmac_secret_file);
    return { kind: 'webhook', name, url, hmacSecret, sendResolved };
  }
  const authPassword = await secret('AUTH_PASSWORD', channel.auth_password_file);
  return {
    kind: 'email',
    name,
    smarthost: channel.smarthost,
    from: channel.from,
    to: channel.to,
    authUsername: channel.authUsername ?? null,
    authPassword,
    requireTls: channel.requireTls,
    sendResolved,
  };
}

function inCapitals(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}
