import { once } from 'node:events';
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import type { SeriesLetter, StoreId, TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { verifyChain, type VerifiedChain } from './chain.ts';
import { EnrolmentOffice } from './enrolment-office.ts';
import { enrolmentListener } from './enrolment-server.ts';
import type { TlsCredentials } from './incarnation.ts';
import { newKeyPair } from './keys.ts';
import { MemoryJoinCodes } from './memory-join-codes.ts';
import { SampleCompany, sampleNowMs, seededBytes } from './sample-company.ts';
import { meshTlsOptions } from './tls-chain.ts';
import { WebAuthority } from './web-authority.ts';
import { WebIdentity } from './web-identity.ts';
import { askForWebCertificate, webCertificatePath, webCertificateQuestion } from './web-issuing.ts';
import { newWebKeyPair, webKeyBytes } from './web-key.ts';

const random = seededBytes('web issuing');
const nowMs = sampleNowMs;
/** Stands still; what has a deadline here is answered at once. */
const clock: Clock = {
  wallMs: () => nowMs,
  monotonicMs: () => 0,
  zone: () => 'UTC',
  setTimer: () => ({ cancel: () => undefined }),
};
const key = newWebKeyPair(random);
const terminal = { company: 'acme', store: 'S01' as StoreId, terminal: 'T1' as TerminalId };

let company: SampleCompany;
let web: WebAuthority;
let till: TlsCredentials;
const servers: Server[] = [];
const revoked = new Set<string>();
let issued: VerifiedChain[] = [];

beforeAll(async () => {
  company = await SampleCompany.create();
  web = await WebAuthority.create('acme', { random, nowMs });
  till = (await company.incarnation('S01', 'T1')).credentials;
});
beforeEach(() => {
  revoked.clear();
  issued = [];
});
afterAll(() =>
  servers.forEach((server) => {
    server.close();
    server.closeAllConnections();
  }),
);

/** A process with this certificate that answers as head office would. */
async function officeAs(credentials: TlsCredentials, knowsIt = true): Promise<number> {
  const office = new EnrolmentOffice({
    codes: new MemoryJoinCodes(),
    issuerOf: () => company.authority,
    nextLetter: async () => 'A' as SeriesLetter,
    relays: () => [],
    random,
    wallMs: clock.wallMs,
  });
  const answer = webCertificateQuestion({
    authority: async () => web,
    verifyChain: (ders) => verifyChain(ders, company.caDer),
    isRevoked: ({ terminalKey }) => revoked.has(terminalKey),
    random,
    wallMs: clock.wallMs,
    onIssued: (chain) => issued.push(chain),
  });
  const others = knowsIt ? { [webCertificatePath]: answer } : {};
  const listener = enrolmentListener({ office, clock, onProblem: () => undefined, others });
  const server = createHttpsServer(meshTlsOptions(credentials), listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const ask = (port: number, change: Partial<Parameters<typeof askForWebCertificate>[0]> = {}) =>
  askForWebCertificate({
    host: '127.0.0.1',
    port,
    credentials: till,
    verifyChain: (ders) => verifyChain(ders, company.caDer),
    publicKey: webKeyBytes(key.publicKey),
    clock,
    ...change,
  });
const codeOf = async (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'answered',
    (error: unknown) => (isTillmeshError(error) ? error.code : String(error)),
  );
const hq = async (name = 'HQ1') => (await company.incarnation('HQ', name)).credentials;

describe('the certificate for a till’s screens', () => {
  test('is given to a terminal of the company, for its own name and key', async () => {
    const port = await officeAs(await hq());
    const identity = new WebIdentity(terminal, await ask(port), key.privateKey);
    expect(identity.certificate.subject).toBe('O=acme\nOU=S01\nCN=T1 screens');
    expect(identity.rootDer).toEqual(web.rootDer);
    expect(issued.map(({ identity: { terminal: name } }) => name)).toEqual(['T1']);
    // What is for one till is no other till's.
    const second = (await company.incarnation('S01', 'T2')).credentials;
    const other = await ask(port, { credentials: second });
    expect(() => new WebIdentity(terminal, other, key.privateKey)).toThrow(/not one of/);
  });

  test('is not given to a stranger, to a revoked till, for another kind of key, or too often', async () => {
    const port = await officeAs(await hq());
    const rogue = await SampleCompany.create('rogue');
    const { credentials } = await rogue.incarnation('S01', 'T1');
    expect(await codeOf(ask(port, { credentials }))).toBe('JOIN_NOT_HQ');
    const ed25519 = webKeyBytes(newKeyPair(random).publicKey);
    expect(await codeOf(ask(port, { publicKey: ed25519 }))).toBe('JOIN_NOT_HQ');
    expect(await codeOf(ask(port, { publicKey: new Uint8Array(5) }))).toBe('JOIN_NOT_HQ');
    expect(issued).toEqual([]);
    await ask(port);
    revoked.add(issued[0]?.terminalKey ?? '');
    expect(await codeOf(ask(port))).toBe('TERMINAL_REVOKED');
    revoked.clear();
    const more = limits.joinRequestsPerMinute - 5;
    for (let n = 0; n < more; n++) expect(await codeOf(ask(port))).toBe('answered');
    expect(await codeOf(ask(port))).toBe('JOIN_NOT_HQ');
  });

  test('is taken from head office alone: not from a till, a rogue, or one that knows no such question', async () => {
    const ofTill = await officeAs((await company.incarnation('S01', 'T9')).credentials);
    expect(await codeOf(ask(ofTill))).toBe('JOIN_NOT_HQ');
    const rogue = await SampleCompany.create('rogue');
    const ofRogue = await officeAs((await rogue.incarnation('HQ', 'HQ1')).credentials);
    expect(await codeOf(ask(ofRogue))).toBe('CERTIFICATE_UNTRUSTED');
    const old = await officeAs(await hq('HQ2'), false);
    expect(await codeOf(ask(old))).toBe('JOIN_NOT_HQ');
    expect(issued).toEqual([]);
    const closed = servers.at(-1);
    closed?.close();
    closed?.closeAllConnections();
    expect(await codeOf(ask(old))).toBe('LINK_FAILED');
  });
});
