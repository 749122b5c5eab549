/** The addresses by which others reach this machine, as they are now. */
import { networkInterfaces } from 'node:os';

/** IPv4, the first few: a till has one or two. */
export const machineAddresses = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
    .slice(0, 4);

const anyAddress = new Set(['0.0.0.0', '::']);

/** Of a server that listens on `host`: all of the machine's, or that one. */
export const addressesOf = (host: string): readonly string[] =>
  anyAddress.has(host) ? machineAddresses() : [host];
