/**
 * A till is ended at every step between a command and its peer, a day's close and a new segment included. Afterwards no
 * number stands for two documents anywhere, and what the peer has is on the till's disk.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command } from '#lib/domain/commands.ts';
import type { JournalKey, Sku } from '#lib/domain/ids.ts';
import type { Register } from '#lib/register/register.ts';
import { Authority } from '#lib/trust/authority.ts';
import { enrolByHand, openInProcess, random } from '../system/in-process-till.ts';
import { keptPort } from '../system/ports.ts';
import { operator } from '../system/sales.ts';
import { until } from '../system/until.ts';
import { liveOnce, type Life } from './mortal-till.ts';
import type { FuseMode } from './step-fuse.ts';

const root = mkdtempSync(join(tmpdir(), 'tillmesh-steps-'));
const directory = join(root, 'T1');
const peerDirectory = join(root, 'T2');
const witness = join(root, 'witness');

let peer: Register;
let ports: { till: number; peer: number };

beforeAll(async () => {
  const authority = await Authority.create({ random, nowMs: Date.now() });
  await enrolByHand(authority, directory, 'T1');
  await enrolByHand(authority, peerDirectory, 'T2');
  ports = { till: await keptPort(), peer: await keptPort() };
  peer = await openInProcess({
    directory: peerDirectory,
    witness,
    port: ports.peer,
    targets: () => [],
  });
  await peer.replica.mesh.whenListening();
});
afterAll(async () => {
  await peer?.stop();
  rmSync(root, { recursive: true, force: true });
});

const sale = (id: string): Command => ({
  kind: 'CompleteSale',
  command: id,
  by: operator.id,
  lines: [{ sku: 'X1' as Sku, name: 'Item', unitPriceE4: 12_500, quantityMilli: 1000 }],
  tenders: [{ kind: 'cash', amountMinor: 125 }],
});

/** A sale, the end of the day (whose successor opens a new segment), and a sale in that. */
const dayOf = (run: string): Command[] => [
  sale(`${run}-sale-1`),
  { kind: 'CloseDay', command: `${run}-close`, by: operator.id },
  sale(`${run}-sale-2`),
];

type Told = { readonly number: string; readonly hash: string };

/** Everything that anybody was ever told about numbers and commands of this till. */
class Book {
  readonly problems: string[] = [];
  readonly #hashOf = new Map<string, string>();
  readonly #numberOf = new Map<string, string>();
  #principal: string | undefined;

  told(command: string, { number, hash }: Told): void {
    this.#same(this.#hashOf, number, hash);
    this.#same(this.#numberOf, command, number);
  }

  lived({ words }: Life): void {
    for (const word of words) {
      if (word.kind === 'incarnation') {
        this.#principal ??= word.principal;
        if (word.principal !== this.#principal)
          this.problems.push(`a restart began ${word.principal}: a peer knew more than the disk`);
      } else if (word.kind === 'answer') {
        const { executed } = word;
        if (executed.outcome === 'done' || executed.outcome === 'repeated')
          this.told(word.command, executed);
        else this.problems.push(`${word.command}: ${JSON.stringify(executed)}`);
      }
    }
  }

  get commands(): ReadonlyMap<string, string> {
    return this.#numberOf;
  }

  #same(book: Map<string, string>, key: string, value: string): void {
    const before = book.get(key);
    book.set(key, before ?? value);
    if (before !== undefined && before !== value)
      this.problems.push(`${key} is ${before} and ${value}`);
  }
}

/** Journals of T1 below a data directory, file by file. */
function journalFiles(data: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const base = join(data, 'journals', 'S01', 'T1');
  for (const incarnation of existsSync(base) ? readdirSync(base) : [])
    for (const name of readdirSync(join(base, incarnation)))
      files.set(`${incarnation}/${name}`, readFileSync(join(base, incarnation, name)));
  return files;
}

function entriesOf(register: Register): { command: string; told: Told }[] {
  const { journals } = register.replica;
  const own = journals.keys().filter((key: JournalKey) => key.startsWith('S01/T1/'));
  return own.flatMap((key) =>
    [...journals.reader.entriesFrom(key, 1)].flat().flatMap(({ entry, hash }) => {
      const { number } = entry.body;
      return typeof number === 'string' ? [{ command: entry.command, told: { number, hash } }] : [];
    }),
  );
}

/** Whoever has something of T1 has nothing that T1's disk has not: append-only files, so one begins with the other. */
function compareDisks(book: Book): { atPeer: number } {
  const own = journalFiles(directory);
  let atPeer = 0;
  for (const [name, theirs] of journalFiles(peerDirectory)) {
    atPeer += theirs.length;
    const ours = own.get(name) ?? Buffer.alloc(0);
    if (!ours.subarray(0, theirs.length).equals(theirs))
      book.problems.push(`the peer has bytes of ${name} that the till has not`);
  }
  for (const { command, told } of entriesOf(peer)) book.told(command, told);
  return { atPeer };
}

test('P1, P3: killed at every step, no number stands for two documents and no peer knows more than the disk', async () => {
  const book = new Book();
  const fused = { killed: 0, aheadOfAnswer: 0, onDiskOnly: 0 };
  const stepsSeen = new Set<string>();
  let again: Command[] = [];
  const live = async (run: string, at: number, mode: FuseMode): Promise<Life> => {
    const commands = dayOf(run);
    const life = await liveOnce({
      directory,
      witness,
      port: ports.till,
      peer: ports.peer,
      again,
      commands,
      at,
      mode,
      fromStart: false,
    });
    book.lived(life);
    await until('the end of the link', () => (peer.replica.mesh.peers.length ? undefined : true));
    compareDisks(book);
    const answered = new Set(
      life.words.flatMap((word) => (word.kind === 'answer' ? word.command : [])),
    );
    const known = new Set(entriesOf(peer).map(({ command }) => command));
    if (!life.steps) {
      fused.killed++;
      if (commands.some(({ command }) => known.has(command) && !answered.has(command)))
        fused.aheadOfAnswer++;
      if (commands.some(({ command }) => !known.has(command) && answered.has(command)))
        fused.onDiskOnly++;
    }
    for (const step of life.steps ?? [])
      stepsSeen.add(step.replace(/[0-9a-f]{12,}/g, 'id').replace(/\d+/g, 'n'));
    again = commands;
    return life;
  };

  let steps: readonly string[] | undefined;
  for (let at = 1; !steps; at++) ({ steps } = await live(`before-${at}`, at, 'before'));
  // An append has a moment of its own: half of it is written.
  for (const [index, step] of steps.entries())
    if (step.startsWith('append')) await live(`within-${index + 1}`, index + 1, 'within');

  // Everything that was ever asked is asked once more, and everybody hears of it.
  await live('last', 0, 'before');
  const known = entriesOf(peer);
  console.log(
    `ended at ${fused.killed} steps: ${JSON.stringify(fused)} of ${[...stepsSeen].join(', ')}`,
  );
  expect(book.problems).toEqual([]);
  expect(known.map(({ command }) => command).sort()).toEqual([...book.commands.keys()].sort());
  expect(new Set(known.map(({ told }) => told.number)).size).toBe(known.length);
  // It must have ended at all the kinds of moments that the title speaks of.
  expect(fused.killed).toBeGreaterThan(20);
  expect(fused.aheadOfAnswer).toBeGreaterThan(0);
  expect(stepsSeen).toContain('append to n.changes');
  expect(stepsSeen).toContain('sync n.changes');
  expect(stepsSeen).toContain('rename to n.changes');
  expect(stepsSeen).toContain('send');
}, 300_000);
