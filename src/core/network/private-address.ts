import { BlockList, isIP } from 'node:net';

/**
 * Where no stranger's address may lead: this machine, private and link-local networks, the metadata services of
 * clouds, multicast and what is reserved (IANA special-purpose registries). Of IPv6 also what wraps an IPv4
 * address: NAT64, Teredo and 6to4; IPv4-mapped addresses are looked up as what they map.
 */
const PRIVATE_ADDRESSES = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's host agent, on an address that looks public.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE_ADDRESSES.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [
  ['::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
] as const) {
  PRIVATE_ADDRESSES.addSubnet(network, bits, 'ipv6');
}

/** For an IP address in plain form; text that is none counts as private. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  return version === 0 || PRIVATE_ADDRESSES.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** The same for `URL.hostname`, which has turned octal, hexadecimal and shortened spellings into the plain one. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (isIP(host) !== 0) return isPrivateAddress(host);
  return host === 'localhost' || /\.(?:localhost|local|internal)$/.test(host);
}

/** Are these texts addresses or networks in CIDR form? Gives the place of the first that is neither; -1: all are. */
export function firstBadNetwork(networks: readonly string[]): number {
  return networks.findIndex((text) => !addNetwork(new BlockList(), text));
}

/** Is an address one of these, or within one of these networks? */
export function isWithin(address: string, networks: readonly string[]): boolean {
  return toNetworkCheck(networks)(address);
}

/** The same question, for many addresses. */
export function toNetworkCheck(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

/** False for text that is neither an address nor a network. */
function addNetwork(list: BlockList, text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  const version = isIP(address);
  const bitsMax = version === 4 ? 32 : 128;
  if (version === 0 || more !== undefined) return false;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax)) return false;
  list.addSubnet(address, bits === undefined ? bitsMax : Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  return true;
}
