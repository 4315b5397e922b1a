/**
 * Who a request comes from, behind proxies. What a proxy says is believed only where the proxy is one of ours: whoever else
 * sends these headers could call themselves anyone. https://www.rfc-editor.org/rfc/rfc7239#section-8.1
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { networksOf, plainAddress, type Networks } from './networks.ts';

/** The caller's address; empty where the connection is gone. */
export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/** `trusted`: addresses and networks of proxies (TRUST_PROXY). */
export function createAddressOf(trusted: readonly string[]): AddressOf {
  if (trusted.length === 0) return ({ socket }) => plainAddress(socket.remoteAddress ?? '');
  const isTrusted = networksOf(trusted);
  return ({ headers, socket }) => {
    const peer = plainAddress(socket.remoteAddress ?? '');
    if (!isTrusted(peer)) return peer;
    const said = [listIn(headers['x-forwarded-for']), listIn(headers.forwarded).map(forIn)].filter((list) => list.length > 0);
    const [first = peer, ...others] = said.map((list) => nearest(list.map(addressIn), isTrusted) ?? peer);
    // A proxy writes one of the two and passes on the other as it came: where they differ, one was made up.
    return others.every((other) => other === first) ? first : peer;
  };
}

/** From the right the first that is no proxy of ours; beyond a name that is no address nothing is believed. */
function nearest(named: readonly (string | undefined)[], isTrusted: Networks): string | undefined {
  const fromRight = named.toReversed();
  const end = fromRight.findIndex((address) => address === undefined || !isTrusted(address));
  return end < 0 ? fromRight.at(-1) : (fromRight[end] ?? fromRight[end - 1]);
}

const listIn = (text: string | string[] | undefined): string[] =>
  [text ?? []]
    .flat()
    .flatMap((one) => one.split(','))
    .map((part) => part.trim());

const forIn = (element: string): string => /(?:^|;)\s*for\s*=\s*"?([^";]*)"?/i.exec(element)?.[1] ?? '';

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`. */
function addressIn(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? undefined : plainAddress(bare);
}
