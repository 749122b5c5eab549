/**
 * A company for tests and simulations: a root and its issuing key, and incarnations of any terminal, all from one seed and one clock value.
 * Repeatable keys are no keys: nothing outside tests may import this file.
 */
import { createHash, type KeyObject } from 'node:crypto';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { Authority, type TerminalIssuer } from './authority.ts';
import { issueIncarnation, type NewIncarnation } from './incarnation.ts';
import { newKeyPair, type RandomBytes } from './keys.ts';

export const sampleNowMs = Date.UTC(2026, 0, 15, 9, 30);

/** Repeatable bytes: SHA-256 in counter mode over the seed. */
export function seededBytes(seed: string): RandomBytes {
  let block = 0;
  return (byteCount) => {
    const parts: Buffer[] = [];
    for (let have = 0; have < byteCount; have += 32)
      parts.push(createHash('sha256').update(`${seed}/${block++}`).digest());
    return new Uint8Array(Buffer.concat(parts).subarray(0, byteCount));
  };
}

export type SampleTerminal = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly key: KeyObject;
  readonly certificateDer: Uint8Array;
  readonly issuers: readonly Uint8Array[];
};

export class SampleCompany {
  /** The company's issuing key, as a relay has it. */
  readonly authority: Authority;
  readonly root: Authority;
  readonly random: RandomBytes;
  readonly nowMs: number;

  private constructor(
    [root, authority]: readonly [Authority, Authority],
    random: RandomBytes,
    nowMs: number,
  ) {
    this.root = root;
    this.authority = authority;
    this.random = random;
    this.nowMs = nowMs;
  }

  static async create(seed = 'company', nowMs = sampleNowMs): Promise<SampleCompany> {
    const random = seededBytes(seed);
    const root = await Authority.create({ company: 'acme', random, nowMs });
    return new SampleCompany([root, await root.delegate({ random, nowMs })], random, nowMs);
  }

  get caDer(): Uint8Array {
    return this.authority.certificateDer;
  }

  /** Enrolled by the issuing key unless another issuer is given. */
  async terminal(
    store: string,
    terminal: string,
    issuer: TerminalIssuer = this.authority,
  ): Promise<SampleTerminal> {
    const { privateKey, publicKey } = newKeyPair(this.random);
    const name = { store: store as StoreId, terminal: terminal as TerminalId };
    const certificateDer = await issuer.issueTerminal({
      ...name,
      publicKey,
      random: this.random,
      nowMs: this.nowMs,
    });
    return { ...name, key: privateKey, certificateDer, issuers: issuer.issuers };
  }

  async incarnationOf(terminal: SampleTerminal, nowMs = this.nowMs): Promise<NewIncarnation> {
    return issueIncarnation({
      caDer: this.caDer,
      terminalDer: terminal.certificateDer,
      issuers: terminal.issuers,
      terminalKey: terminal.key,
      random: this.random,
      nowMs,
    });
  }

  /** A first incarnation of a terminal enrolled for it. */
  async incarnation(store: string, terminal: string): Promise<NewIncarnation> {
    return this.incarnationOf(await this.terminal(store, terminal));
  }
}
