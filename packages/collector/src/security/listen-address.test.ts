import { describe, expect, it } from 'vitest';
import { checkListenAddresses } from './check-listen-addresses.ts';
import { formatListenAddress, isLoopbackHost, parseListenAddress } from './listen-address.ts';

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:9720', { host: '127.0.0.1', port: 9720 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    [':9720', { host: '', port: 9720 }],
  ])('reads %s and writes it again', (text, address) => {
    expect(parseListenAddress(text, 'web.listen-address')).toEqual(address);
    expect(formatListenAddress(address)).toBe(text);
  });

  it.each(['', '9720', 'localhost', '127.0.0.1:', '127.0.0.1:70000', '::1:9720', 'http://127.0.0.1:9720'])(
    'refuses "%s" naming the flag',
    (text) => {
      expect(() => parseListenAddress(text, 'web.listen-address')).toThrow(/--web\.listen-address/);
    },
  );
});

describe('isLoopbackHost', () => {
  it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1', '0:0:0:0:0:0:0:1'])('%s is', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['', '0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', 'example.org', '127.example.org'])(
    '%s is not',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});

describe('checkListenAddresses', () => {
  const web = { flag: 'web.listen-address', value: '127.0.0.1:9720' };
  const grpc = { flag: 'grpc.listen-address', value: '0.0.0.0:9721' };

  it('refuses an exposed address as a configuration error that names it', () => {
    expect(() => checkListenAddresses([web, grpc], false)).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining('--grpc.listen-address=0.0.0.0:9721'),
      }),
    );
  });

  it('answers the exposed addresses when insecure', () => {
    expect(checkListenAddresses([web, grpc], true)).toEqual(['0.0.0.0:9721']);
    expect(checkListenAddresses([web], true)).toEqual([]);
  });
});
