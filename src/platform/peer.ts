/**
 * Who a request comes from, behind proxies. What a proxy says is believed only where the proxy is one of ours: whoever else
 * sends these headers could call themselves anyone. https://www.rfc-editor.org/rfc/rfc7239#section-8.1
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The caller's address; empty where the connection is gone. */
export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/** `trusted`: addresses and networks of proxies (TRUST_PROXY). */
export function createAddressOf(trusted: readonly string[]): AddressOf {
  const isTrusted = trustIn(trusted);
  return ({ headers, socket }) => {
    const peer = plain(socket.remoteAddress ?? '');
    if (!isTrusted(peer)) return peer;
    const said = [listIn(headers['x-forwarded-for']), listIn(headers.forwarded).map(forIn)].filter((list) => list.length > 0);
    const [first = peer, ...others] = said.map((list) => nearest(list.map(addressIn), isTrusted) ?? peer);
    // A proxy writes one of the two and passes on the other as it came: where they differ, one was made up.
    return others.every((other) => other === first) ? first : peer;
  };
}

/** From the right the first that is no proxy of ours; beyond a name that is no address nothing is believed. */
function nearest(named: readonly (string | undefined)[], isTrusted: (address: string) => boolean): string | undefined {
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
  return isIP(bare) === 0 ? undefined : plain(bare);
}

/** An IPv4 address inside an IPv6 one is that IPv4 address. */
const plain = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

function trustIn(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
