/**
 * How long a sale takes at a till that is attacked meanwhile: `node tests/bench/under-attack.ts [seconds]`. Sales by HTTP, one after the
 * other, first alone and then beside each attack; prints the spread in milliseconds and what the process holds.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { readFileSync } from 'node:fs';
import { plannedSale } from '../system/sales.ts';
import { Shop } from '../system/shop.ts';
import type { TillProcess } from '../system/till-process.ts';
import { spread } from './statistics.ts';

const seconds = Number(process.argv[2] ?? 5);
const sockets = 500;

const shop = await Shop.open(1);
try {
  const till = shop.till('T1');
  const ui = till.process.ready.ui ?? 0;
  const mesh = till.options.meshPort;
  await measure(till, 'alone', () => () => undefined);
  await measure(till, `${sockets} silent connections to the screens`, () => hold(() => open(ui)));
  await measure(till, `${sockets} requests of the screens, a byte a second`, () =>
    hold(() => drip(open(ui, 'POST /screen/session HTTP/1.1\r\nHost: x\r\nX-Slow: '))),
  );
  await measure(till, `${sockets} silent connections to the mesh`, () => hold(() => open(mesh)));
  await measure(till, `${sockets} handshakes with the mesh and no certificate`, () =>
    hold(() => secure(mesh)),
  );
  await measure(till, 'bodies of 4 MB, over and over', () => flood(() => large(ui)));
  await measure(till, 'wrong PINs, four at a time', () => flood(() => wrongPin(ui), 4));
} finally {
  await shop.close();
}

async function measure(of: TillProcess, what: string, attack: () => () => void): Promise<void> {
  const end = attack();
  const took: number[] = [];
  const until = performance.now() + seconds * 1_000;
  for (let n = 0; performance.now() < until; n++) {
    const { command } = plannedSale(`sale-${what.length}-${n}-${Date.now()}`, [[1, 1]]);
    const began = performance.now();
    await of.execute(command);
    took.push(performance.now() - began);
  }
  end();
  const resident = /VmRSS:\s+(\d+)/.exec(
    readFileSync(`/proc/${of.process.pid}/status`, 'utf8'),
  )?.[1];
  const { n, p50, p95, p99, max } = spread(took);
  console.log(
    `${what}: ${n} sales, p50 ${p50}, p95 ${p95}, p99 ${p99}, longest ${max} ms; ${Math.round(Number(resident) / 1_024)} MB`,
  );
}

/** As many as there may be at once; whoever is hung up on dials again. */
function hold(dial: () => Socket): () => void {
  const held = new Set<Socket>();
  let isOver = false;
  const begin = (): void => {
    if (isOver) return;
    const socket = dial();
    held.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      held.delete(socket);
      setTimeout(begin, 100);
    });
  };
  for (let n = 0; n < sockets; n++) begin();
  return () => {
    isOver = true;
    for (const socket of held) socket.destroy();
  };
}

function flood(send: () => Promise<unknown>, atOnce = 8): () => void {
  const end = new AbortController();
  const go = async (): Promise<void> => {
    while (!end.signal.aborted) await send().catch(() => undefined);
  };
  for (let n = 0; n < atOnce; n++) void go();
  return () => end.abort();
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
