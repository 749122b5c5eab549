/**
 * Chains that were verified against one CA, by their hash: every reconnect and every first entry brings the same ones.
 * Only good chains are kept, so nobody can push them out with bad ones; the least recently used goes first.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { limits } from '../domain/limits.ts';
import { verifyChain, type VerifiedChain } from './chain.ts';

export class ChainCache {
  readonly #ca: X509Certificate;
  readonly #capacity: number;
  readonly #chains = new Map<string, VerifiedChain>();

  constructor(ca: X509Certificate | Uint8Array, capacity: number = limits.chainsRemembered) {
    this.#ca = ca instanceof X509Certificate ? ca : new X509Certificate(ca);
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#chains.size;
  }

  /** As `verifyChain`, errors included. */
  verify(ders: readonly Uint8Array[]): VerifiedChain {
    // Before hashing: what is too large must cost nothing.
    const { chainCertificates: most, certificateBytes } = limits;
    if (ders.length > most || ders.some((der) => der.length > certificateBytes))
      return verifyChain(ders, this.#ca);
    const key = hashOf(ders);
    const chain = this.#chains.get(key) ?? verifyChain(ders, this.#ca);
    this.#chains.delete(key);
    this.#chains.set(key, chain);
    const [oldest] = this.#chains.keys();
    if (this.#chains.size > this.#capacity && oldest !== undefined) this.#chains.delete(oldest);
    return chain;
  }
}

/** Lengths go in too: where one certificate ends must not be a matter of opinion. */
function hashOf(ders: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const der of ders) hash.update(`${der.length}:`).update(der);
  return hash.digest('base64url');
}
