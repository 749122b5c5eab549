/**
 * The published WebSocket client of automerge-repo, with a certificate of the company and nothing else of ours, against a
 * real register and the real relay: what it may read arrives, what it may write is taken, what it may not ends its link.
 */
import * as A from '@automerge/automerge';
import { Repo, type HandleState, type PeerId } from '@automerge/automerge-repo';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ListDocument, MapDocument } from '#lib/documents/genesis.ts';
import { documentIdOf, names } from '#lib/documents/names.ts';
import { DocumentRegistry } from '#lib/documents/registry.ts';
import { journalKeyOf, type JournalKey, type StoreId } from '#lib/domain/ids.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { readEntry } from '#lib/journal/entry.ts';
import { Keyring, rosterRecord } from '#lib/replica/keyring.ts';
import { rosterChange } from '#lib/replica/roster-change.ts';
import { verifyChain } from '#lib/trust/chain.ts';
import { joinNetwork } from '#lib/trust/enrolment-client.ts';
import { issueIncarnation, type NewIncarnation } from '#lib/trust/incarnation.ts';
import { parseJoinCode } from '#lib/trust/join-code.ts';
import { newKeyPair } from '#lib/trust/keys.ts';
import { sealRecord } from '#lib/trust/signed-record.ts';
import { openTunnel, type Tunnel } from '../tunnel.ts';
import { random } from './in-process-till.ts';
import { plannedSale } from './sales.ts';
import { Shop, store } from './shop.ts';
import { until } from './until.ts';

let shop: Shop;
let journal: JournalKey;
type Enrolled = Awaited<ReturnType<typeof enrol>>;
let terminal: Enrolled;
let other: Enrolled;
let sold = 0;
beforeAll(async () => {
  shop = await Shop.open(1);
  const { incarnation } = await shop.till('T1').status();
  journal = `${store}/T1/${incarnation}` as JournalKey;
  await sell(3);
  await shop.agreed(3);
  terminal = await enrol('T8');
  other = await enrol('T9');
});
afterAll(() => shop?.close());

async function sell(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    sold++;
    await shop.till('T1').execute(plannedSale(`conformance-${sold}`, [[1, 1]]).command);
  }
}

type Client = { readonly repo: Repo; readonly life: NewIncarnation; readonly lost: () => boolean };
const opened: { repo: Repo; adapter: WebSocketClientAdapter; tunnel: Tunnel }[] = [];
afterEach(async () => {
  for (const { repo, adapter, tunnel } of opened.splice(0)) {
    await settled(repo);
    // The adapter closes a socket that still dials after it has taken its own listener away: nobody would hear the error.
    adapter.socket?.addEventListener('error', () => undefined);
    await repo.shutdown();
    tunnel.close();
  }
});

/**
 * Everything that the peer has told of is here. The repo would wait a minute for what is still on its way when its link
 * ends, and then reject a promise that nobody holds.
 */
async function settled(repo: Repo): Promise<void> {
  const open = () => Object.values(repo.handles).filter((handle) => !handle.inState(resting));
  await until('all handles', () => (open().length === 0 ? true : undefined));
}
const resting: HandleState[] = ['ready', 'unavailable', 'deleted', 'unloaded'];

/** Enrols a terminal as any till does. */
async function enrol(name: string) {
  const code = parseJoinCode(await shop.joinCode(name));
  if (!code) throw new Error('no join code');
  const { privateKey: terminalKey } = newKeyPair(random);
  const enrolled = await joinNetwork({
    host: '127.0.0.1',
    port: shop.syncPort,
    code,
    terminalKey,
    random,
    clock: machineClock,
  });
  return { ...enrolled, terminalKey };
}

/** A new life of a terminal each time, linked to `port` by the published client alone. */
async function client(port: number, of: Enrolled = terminal): Promise<Client> {
  const life = await issueIncarnation({ ...of, random, nowMs: Date.now() });
  const tunnel = await openTunnel(port, life.credentials);
  const adapter = new WebSocketClientAdapter(tunnel.url, 200);
  let lost = false;
  adapter.on('peer-disconnected', () => (lost = true));
  const repo = new Repo({ peerId: life.principal as string as PeerId, network: [adapter] });
  opened.push({ repo, adapter, tunnel });
  await adapter.whenReady();
  await repo.networkSubsystem.whenReady();
  return { repo, life, lost: () => lost };
}

const journalId = () => documentIdOf(names.journal(journal, 1));

const peers = [
  ['a register', () => shop.till('T1').options.meshPort],
  ['the relay', () => shop.syncPort],
] as const;

describe.each(peers)('the published client on %s', (_name, port) => {
  test('reads a journal, entry by entry as it was signed, and goes on reading', async () => {
    const { repo } = await client(port());
    const handle = await repo.find<ListDocument>(journalId());
    const entries = () => handle.doc().entries.map((bytes) => readEntry(bytes).entry);
    const sales = () => entries().filter(({ type }) => type === 'SaleCompleted').length;
    await until('the journal', () => (sales() === sold ? true : undefined));
    await sell(2);
    await until('the next sales', () => (sales() === sold ? true : undefined));
    expect(entries().map(({ seq }) => seq)).toEqual(entries().map((_, index) => index + 1));
    expect(entries()[0]?.type).toBe('IncarnationBegun');
    expect(entries().at(-1)?.command).toBe(`conformance-${sold}`);
  });

  test('reads a document of head office', async () => {
    const { repo } = await client(port());
    const handle = await repo.find<MapDocument>(documentIdOf(names.org()));
    await until('the organisation', () =>
      Object.keys(handle.doc().records).includes(`settings/${store}`) ? true : undefined,
    );
  });

  test('is not told what its store may not know, and keeps its link', async () => {
    const { repo, lost } = await client(port());
    await expect(repo.find(documentIdOf('somebody/else'))).rejects.toThrow(/unavailable/);
    expect(lost()).toBe(false);
    await repo.find(journalId());
  });

  test('writes what it is the writer of: its own record in the roster', async () => {
    const { repo, life } = await client(port());
    const registry = new DocumentRegistry();
    registry.learnStore(store as StoreId);
    const rule = registry.rule(documentIdOf(names.roster(store as StoreId)));
    if (rule?.kind !== 'records') throw new Error('no roster');
    const letter = (await shop.till('T1').status()).letter;
    const member = new Keyring((ders) => verifyChain([...ders], terminal.caDer)).learn(
      life.chain,
      letter as never,
    );
    const record = sealRecord(
      'roster',
      rosterRecord(life.chain, member.letter),
      life.principal,
      life.signer,
    );
    const handle = await repo.find<ListDocument>(rule.id);
    handle.update(
      (doc) => A.applyChanges(doc, [rosterChange(rule, record, member.actorPrefix)])[0],
    );
    await until('the record at the register', async () => {
      const { peers: known } = await shop.till('T1').status();
      return known.some(({ principal }) => principal === life.principal) ? true : undefined;
    });
  });

  test('loses its link when it writes into a journal, and nothing of it is taken', async () => {
    const { repo, life, lost } = await client(port());
    expect(journalKeyOf(life.identity)).not.toBe(journal);
    const handle = await repo.find<ListDocument>(journalId());
    await settled(repo);
    handle.change((doc) => {
      doc.entries.push(Uint8Array.of(1, 2, 3));
    });
    await until('the end of the link', () => lost() || undefined);
    await sell(1);
    await shop.agreed(sold);
    // Barred, and not by the name of this life alone.
    const barred = await client(port());
    await expect(barred.repo.find(journalId())).rejects.toThrow(/unavailable/);
    // Whoever reads the journal now reads what the register wrote and nothing else.
    const { repo: next } = await client(port(), other);
    const fresh = await next.find<ListDocument>(journalId());
    await until('the journal', () =>
      fresh.doc().entries.some((bytes) => readEntry(bytes).entry.command === `conformance-${sold}`)
        ? true
        : undefined,
    );
    const seqs = fresh.doc().entries.map((bytes) => readEntry(bytes).entry.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });
});
