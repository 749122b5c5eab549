/**
 * How long a sale takes at a till that is attacked meanwhile: `node tests/bench/under-attack.ts [seconds]`. Sales by HTTP, one after the
 * other, first alone and then beside each attack; prints the spread in milliseconds and what the process holds.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { readFileSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { plannedSale } from '../system/sales.ts';
import { Shop } from '../system/shop.ts';
import type { TillProcess } from '../system/till-process.ts';
import { spread } from './statistics.ts';

const sockets = 500;

/** By name; each goes on until its thread ends. They run in a thread of their own, so that they do not slow down who measures. */
const attacks: Readonly<Record<string, (ui: number, mesh: number) => void>> = {
  'nobody else': () => undefined,
  '500 silent connections to the screens': (ui) => hold(() => open(ui)),
  '500 requests of the screens, a byte a second': (ui) =>
    hold(() => drip(open(ui, 'POST /screen/session HTTP/1.1\r\nHost: x\r\nX-Slow: '))),
  '500 silent connections to the mesh': (_, mesh) => hold(() => open(mesh)),
  '500 handshakes with the mesh and no certificate': (_, mesh) => hold(() => secure(mesh)),
  'bodies of 4 MB, eight at a time': (ui) => flood(() => large(ui), 8),
  'wrong PINs, four at a time': (ui) => flood(() => wrongPin(ui), 4),
};

type Given = { readonly attack: string; readonly ui: number; readonly mesh: number };

if (isMainThread) await measureAll(Number(process.argv[2] ?? 5));
else {
  const { attack, ui, mesh } = workerData as Given;
  attacks[attack]?.(ui, mesh);
}

async function measureAll(seconds: number): Promise<void> {
  const shop = await Shop.open(1);
  try {
    const till = shop.till('T1');
    const ports = { ui: till.process.ready.ui ?? 0, mesh: till.options.meshPort };
    for (const attack of Object.keys(attacks)) {
      const workerData: Given = { attack, ...ports };
      const attacker = new Worker(new URL(import.meta.url), { workerData });
      await measure(till, attack, seconds);
      await attacker.terminate();
    }
  } finally {
    await shop.close();
  }
}

async function measure(till: TillProcess, what: string, seconds: number): Promise<void> {
  const took: number[] = [];
  const until = performance.now() + seconds * 1_000;
  for (let n = 0; performance.now() < until; n++) {
    const { command } = plannedSale(`attacked-${what.length}-${n}`, [[1, 1]]);
    const began = performance.now();
    await till.execute(command);
    took.push(performance.now() - began);
  }
  const status = readFileSync(`/proc/${till.process.pid}/status`, 'utf8');
  const megabytes = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024);
  const { n, p50, p95, p99, max } = spread(took);
  console.log(
    `${what}: ${n} sales, p50 ${p50}, p95 ${p95}, p99 ${p99}, longest ${max} ms; ${megabytes} MB`,
  );
}

/** As many as there may be at once; whoever is hung up on dials again. */
function hold(dial: () => Socket): void {
  const begin = (): void => {
    const socket = dial();
    socket.on('error', () => undefined);
    socket.on('close', () => setTimeout(begin, 100));
  };
  for (let n = 0; n < sockets; n++) begin();
}

function flood(send: () => Promise<unknown>, atOnce: number): void {
  const go = async (): Promise<void> => {
    for (;;) await send().catch(() => undefined);
  };
  for (let n = 0; n < atOnce; n++) void go();
}

// From another address than the sales: both are this machine's.
function open(port: number, first = ''): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
  if (first !== '') socket.once('connect', () => socket.write(first));
  return socket;
}

function drip(socket: Socket): Socket {
  const timer = setInterval(() => socket.writable && socket.write('x'), 1_000);
  socket.once('close', () => clearInterval(timer));
  return socket;
}

function secure(port: number): Socket {
  return connectSecure({ socket: open(port), rejectUnauthorized: false, minVersion: 'TLSv1.3' });
}

function large(port: number): Promise<unknown> {
  return fetch(`http://127.0.0.1:${port}/screen/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` },
    body: 'x'.repeat(4 * 1024 * 1024),
  }).then((answer) => answer.text());
}

function wrongPin(port: number): Promise<unknown> {
  return fetch(`http://127.0.0.1:${port}/screen/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` },
    body: JSON.stringify({ operator: 'max', pin: '0000' }),
  }).then((answer) => answer.text());
}
