import { describe, expect, it } from '@jest/globals';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { createAddressOf } from '../../src/platform/peer.ts';

const PROXIES = ['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48'];
const from = (remoteAddress: string | undefined, headers: IncomingHttpHeaders, trusted: readonly string[] = PROXIES): string =>
  createAddressOf(trusted)({ headers, socket: { remoteAddress } as unknown as Socket });

describe('the address of a caller', () => {
  it.each([
    ['X-Forwarded-For of a stranger', '203.0.113.9', { 'x-forwarded-for': '198.51.100.1' }],
    ['Forwarded of a stranger', '203.0.113.9', { forwarded: 'for=198.51.100.1' }],
    ['one that calls itself a proxy', '203.0.113.9', { 'x-forwarded-for': '10.0.0.1' }],
  ])('is that of the connection: %s', (_name, peer, headers) => expect(from(peer, headers)).toBe(peer));

  it('is that of the connection where no proxy is trusted', () => {
    expect(from('10.0.0.1', { 'x-forwarded-for': '198.51.100.1' }, [])).toBe('10.0.0.1');
    expect(from('::ffff:10.0.0.1', {}, [])).toBe('10.0.0.1');
    expect(from(undefined, { 'x-forwarded-for': '198.51.100.1' })).toBe('');
  });

  it.each([
    ['the only one', { 'x-forwarded-for': '198.51.100.1' }, '198.51.100.1'],
    [
      'the right-most that no proxy of ours has: what is left of it the caller wrote',
      { 'x-forwarded-for': '1.2.3.4, 198.51.100.1, 10.1.1.1' },
      '198.51.100.1',
    ],
    ['a forged proxy at the left', { 'x-forwarded-for': '10.9.9.9, 198.51.100.1' }, '198.51.100.1'],
    ['all are proxies: the first', { 'x-forwarded-for': '10.2.2.2, 10.1.1.1' }, '10.2.2.2'],
    ['nothing is said', {}, '10.0.0.1'],
    ['an empty header', { 'x-forwarded-for': '' }, '10.0.0.1'],
    ['no address', { 'x-forwarded-for': 'unknown' }, '10.0.0.1'],
    ['no address, left of a proxy', { 'x-forwarded-for': '198.51.100.1, _hidden, 10.1.1.1' }, '10.1.1.1'],
    ['with a port', { 'x-forwarded-for': '198.51.100.1:4711' }, '198.51.100.1'],
    ['IPv6', { 'x-forwarded-for': '2001:db8:2::1, 2001:db8:1::1' }, '2001:db8:2::1'],
    ['IPv6 in brackets with a port', { 'x-forwarded-for': '[2001:db8:2::1]:4711' }, '2001:db8:2::1'],
    ['IPv4 mapped to IPv6', { 'x-forwarded-for': '::ffff:198.51.100.1' }, '198.51.100.1'],
    ['the same in digits', { 'x-forwarded-for': '::ffff:c633:6401, ::ffff:a01:101' }, '198.51.100.1'],
    ['Forwarded', { forwarded: 'for=1.2.3.4;proto=https, For="[2001:db8:2::1]:80";by=10.0.0.1, for=10.1.1.1' }, '2001:db8:2::1'],
    ['both headers alike', { forwarded: 'for=198.51.100.1', 'x-forwarded-for': '1.1.1.1, 198.51.100.1' }, '198.51.100.1'],
    ['both headers, one of them made up', { forwarded: 'for=198.51.100.2', 'x-forwarded-for': '198.51.100.1' }, '10.0.0.1'],
    ['Forwarded without an address', { forwarded: 'proto=https' }, '10.0.0.1'],
  ])('is what a trusted proxy says: %s', (_name, headers, expected) => {
    for (const peer of ['10.0.0.1', '::ffff:10.0.0.1']) expect(from(peer, headers)).toBe(expected);
  });
});
