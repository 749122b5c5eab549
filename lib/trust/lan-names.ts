/**
 * For which names and addresses the company's web root may ever speak: those that exist on a shop's own network alone.
 * Whoever stole that root could not pretend to be a bank to a phone that trusts it.
 */
import { BlockList, isIP } from 'node:net';

/** Names that the public DNS never gives to anybody (RFC 6762, RFC 8375, RFC 6761, ICANN's `internal`), and `lan` by custom. */
const domains = ['local', 'lan', 'home.arpa', 'internal', 'localhost'] as const;

type Range = { readonly address: string; readonly bits: number };

/** RFC 1918, RFC 3927, loopback. */
const ranges4: readonly Range[] = [
  { address: '10.0.0.0', bits: 8 },
  { address: '172.16.0.0', bits: 12 },
  { address: '192.168.0.0', bits: 16 },
  { address: '169.254.0.0', bits: 16 },
  { address: '127.0.0.0', bits: 8 },
];
/** RFC 4193, RFC 4291 (link-local), loopback. */
const ranges6: readonly Range[] = [
  { address: 'fc00::', bits: 7 },
  { address: 'fe80::', bits: 10 },
  { address: '::1', bits: 128 },
];

const known = new BlockList();
for (const { address, bits } of ranges4) known.addSubnet(address, bits, 'ipv4');
for (const { address, bits } of ranges6) known.addSubnet(address, bits, 'ipv6');

export function isLanAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && known.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

const nameShape =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** In lower case. A name without a dot is none of them, but for `localhost`: the constraints know no such names. */
export const isLanName = (name: string): boolean =>
  nameShape.test(name) &&
  domains.some((domain) => name.endsWith(`.${domain}`) || name === 'localhost');

/** What a till's pages are called: `localhost` and loopback always, so that no certificate is without a name. */
export type LanNames = { readonly names: readonly string[]; readonly addresses: readonly string[] };

/** At most this many of each, in the order given: a certificate has to stay small. */
const most = 16;

/** @param hostName as the machine calls itself; its first part is announced as `<part>.local` by most systems. */
export function lanNamesOf(addresses: readonly string[], hostName: string): LanNames {
  const name = hostName.toLowerCase().replace(/\.$/, '');
  const [first = ''] = name.split('.');
  // Link-local IPv6 needs a zone, which no certificate and no browser can say.
  const reachable = addresses.filter((each) => isLanAddress(each) && !/^fe[89ab]/i.test(each));
  const distinct = (all: readonly string[]): string[] => [...new Set(all)].slice(0, most);
  return {
    names: distinct(['localhost', `${first}.local`, name].filter(isLanName)),
    addresses: distinct(['127.0.0.1', ...reachable]),
  };
}

/** NameConstraints (RFC 5280 §4.2.1.10) in DER, critical wherever it stands: names and addresses of the LAN alone. */
export function lanConstraints(): Uint8Array {
  const bases = [
    ...domains.map((domain) => der(0x82, new TextEncoder().encode(domain))),
    ...ranges4.map((range) => der(0x87, rangeBytes(bytes4(range.address), range.bits))),
    ...ranges6.map((range) => der(0x87, rangeBytes(bytes6(range.address), range.bits))),
  ];
  const subtrees = bases.map((base) => der(0x30, base));
  return der(0x30, der(0xa0, ...subtrees));
}

/** Address and mask, as the extension wants them. */
function rangeBytes(address: Uint8Array, bits: number): Uint8Array {
  const mask = address.map((_, at) => 0xff & ~(0xff >> Math.max(0, Math.min(8, bits - 8 * at))));
  return Uint8Array.from([...address, ...mask]);
}

const bytes4 = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number));

/** Of `a::` and `::b` alone, which is what the table above has. */
function bytes6(address: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const [head = '', tail = ''] = address.split('::');
  const first = Number.parseInt(head || '0', 16);
  bytes.set([first >> 8, first & 0xff]);
  const last = Number.parseInt(tail || '0', 16);
  bytes.set([last >> 8, last & 0xff], 14);
  return bytes;
}

/** A DER element of less than 64 KB. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = parts.flatMap((part) => [...part]);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...size, ...content]);
}
