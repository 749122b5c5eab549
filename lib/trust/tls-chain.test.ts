import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { verifyChain } from './chain.ts';
import type { NewIncarnation, TlsCredentials } from './incarnation.ts';
import { certificatesOf, pemOf } from './pem.ts';
import { SampleCompany, sampleNowMs, type SampleTerminal } from './sample-company.ts';
import { TillIssuer } from './till-issuer.ts';
import { meshTlsOptions, peerChain } from './tls-chain.ts';

let company: SampleCompany;
let rogue: SampleCompany;
let till: SampleTerminal;
let first: NewIncarnation;
let relay: NewIncarnation;
const open: { destroy(): unknown }[] = [];

beforeAll(async () => {
  company = await SampleCompany.create();
  rogue = await SampleCompany.create('rogue');
  till = await company.terminal('S01', 'T1');
  first = await company.incarnationOf(till);
  relay = await company.incarnation('HQ', 'HQ1');
});
afterEach(() => {
  for (const each of open.splice(0)) each.destroy();
});

/** Both ends of one real connection after its handshake. */
async function connected(
  listening: TlsCredentials,
  dialling: Partial<ReturnType<typeof meshTlsOptions>>,
): Promise<{ server: TLSSocket; client: TLSSocket }> {
  const listener = createServer(meshTlsOptions(listening));
  const port = await portOf(listener);
  const client = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    ...dialling,
  });
  // 'secureConnection' waits for the client's certificate, 'secureConnect' does not.
  const [[server]] = (await Promise.all([
    once(listener, 'secureConnection'),
    once(client, 'secureConnect'),
  ])) as [[TLSSocket], unknown];
  open.push(client, server, { destroy: () => listener.close() });
  return { server, client };
}

async function portOf(listener: Server): Promise<number> {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}

function verdict(socket: TLSSocket): string {
  try {
    return verifyChain(peerChain(socket), company.caDer).principal;
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}

describe('a TLS 1.3 connection of two incarnations', () => {
  test('shows each end the chain of the other, as often as it is asked', async () => {
    const { server, client } = await connected(
      relay.credentials,
      meshTlsOptions(first.credentials),
    );
    expect([server.getProtocol(), client.getProtocol()]).toEqual(['TLSv1.3', 'TLSv1.3']);
    for (let i = 0; i < 3; i++) {
      expect(peerChain(server)).toEqual(first.chain);
      expect(peerChain(client)).toEqual(relay.chain);
    }
    expect(verdict(server)).toBe(first.principal);
    expect(verdict(client)).toBe(relay.principal);
  });

  test('shows chains of every length that we have, whatever else is sent along', async () => {
    const publicKey = createPublicKey(till.key);
    const chance = { random: company.random, nowMs: sampleNowMs };
    const range = { store: till.store, terminal: till.terminal, first: 10, last: 19 };
    const own = await company.authority.issueEnroller(range, { publicKey, ...chance });
    const issuers = [own, ...company.authority.issuers];
    const enrolling = new TillIssuer({ caDer: company.caDer, issuers, terminalKey: till.key });
    const lives = await Promise.all(
      [company.root, company.authority, enrolling].map(async (issuer) =>
        company.incarnationOf(await company.terminal('S01', 'T10', issuer)),
      ),
    );
    expect(lives.map(({ chain }) => chain.length)).toEqual([2, 3, 4]);
    for (const life of lives) {
      const { server } = await connected(relay.credentials, meshTlsOptions(life.credentials));
      expect(peerChain(server)).toEqual(life.chain);
      expect(verdict(server)).toBe(life.principal);
    }
    const [, , longest = first] = lives;
    const above = await company.root.delegate(chance);
    const chainPem = longest.credentials.chainPem + pemOf(...above.issuers, company.caDer);
    const { server } = await connected(
      relay.credentials,
      meshTlsOptions({ ...longest.credentials, chainPem }),
    );
    // What does not belong to the chain is left out of it.
    expect(verdict(server)).toBe(longest.principal);
  });

  test('P2: is trusted with certificates that expired, or are not valid yet', async () => {
    for (const nowMs of [Date.UTC(1990, 0, 1), sampleNowMs + 400 * 86_400_000]) {
      const odd = await company.incarnationOf(till, nowMs);
      const { server, client } = await connected(odd.credentials, meshTlsOptions(odd.credentials));
      expect([verdict(server), verdict(client)]).toEqual([odd.principal, odd.principal]);
    }
  });

  test('leaves a CA that the peer sends along out of the chain', async () => {
    const credentials = {
      ...first.credentials,
      chainPem: first.credentials.chainPem + first.credentials.caPem,
    };
    const { server, client } = await connected(credentials, meshTlsOptions(credentials));
    expect(peerChain(server)).toEqual(first.chain);
    expect(peerChain(client)).toEqual(first.chain);
  });

  test('is not trusted with a rogue CA’s certificates, expired or not', async () => {
    const past = await SampleCompany.create('rogue of the past', Date.UTC(1990, 0, 1));
    for (const authority of [rogue, past]) {
      const stranger = await authority.incarnation('S01', 'T1');
      const { server, client } = await connected(
        stranger.credentials,
        meshTlsOptions(stranger.credentials),
      );
      expect([verdict(server), verdict(client)]).toEqual([
        'CERTIFICATE_UNTRUSTED',
        'CERTIFICATE_UNTRUSTED',
      ]);
    }
  });

  test('is not trusted with a swapped terminal certificate, the terminal’s own, or half a chain', async () => {
    const other = await company.terminal('S01', 'T2');
    const own = first.credentials;
    const [incarnation] = certificatesOf(own.chainPem);
    const terminalKeyPem = till.key.export({ type: 'pkcs8', format: 'pem' }).toString();
    const cases: TlsCredentials[] = [
      { ...own, chainPem: pemOf(incarnation ?? company.caDer, other.certificateDer) },
      { ...own, chainPem: pemOf(incarnation ?? company.caDer) },
      { ...own, chainPem: pemOf(till.certificateDer), keyPem: terminalKeyPem },
      { ...own, chainPem: pemOf(till.certificateDer, company.caDer), keyPem: terminalKeyPem },
    ];
    for (const credentials of cases) {
      const { server } = await connected(relay.credentials, meshTlsOptions(credentials));
      expect(verdict(server)).toMatch(/^CERTIFICATE_/);
    }
  });

  test('that resumes an earlier one is refused: it shows no whole chain', async () => {
    const options = meshTlsOptions(first.credentials);
    const listener = createServer(meshTlsOptions(relay.credentials));
    const port = await portOf(listener);
    const dial = { host: '127.0.0.1', port, ...options };
    const client = connect(dial);
    open.push(client, { destroy: () => listener.close() });
    const accepted = once(listener, 'secureConnection');
    const ticket = once(client, 'session');
    client.resume();
    const [[server], [session]] = (await Promise.all([accepted, ticket])) as [
      [TLSSocket],
      [Buffer],
    ];
    expect(verdict(server)).toBe(first.principal);
    const again = connect({ ...dial, session });
    const [resumed] = (await once(listener, 'secureConnection')) as [TLSSocket];
    open.push(server, again, resumed);
    expect(resumed.isSessionReused()).toBe(true);
    expect(verdict(resumed)).toBe('CERTIFICATE_MALFORMED');
  });

  test('without a certificate, or after its end, has no chain', async () => {
    const { server, client } = await connected(relay.credentials, {});
    expect(verdict(server)).toBe('CERTIFICATE_MALFORMED');
    expect(verdict(client)).toBe(relay.principal);
    client.destroy();
    expect(verdict(client)).toBe('CERTIFICATE_MALFORMED');
  });
});
