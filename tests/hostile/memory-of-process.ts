/** What another process of Node holds after a full collection, asked of its own inspector. One at a time: they share a port. */
import { z } from 'zod';
import { until } from '../system/until.ts';

/** Where Node listens after SIGUSR1. */
const inspector = 'http://127.0.0.1:9229/json';
const targets = z.tuple([z.object({ webSocketDebuggerUrl: z.string() })]);
const answer = z.object({ id: z.number(), result: z.unknown() });
const evaluated = z.object({ result: z.object({ value: z.unknown() }) });
const usage = z.object({ pid: z.number(), heapUsed: z.number(), external: z.number() });

/** In bytes. Throws where something else listens at the inspector's port. */
export async function memoryInUseOf(pid: number): Promise<number> {
  process.kill(pid, 'SIGUSR1');
  const url = await until('inspector', async () => {
    const response = await fetch(inspector).catch(() => undefined);
    return response && targets.parse(await response.json())[0].webSocketDebuggerUrl;
  });
  const socket = new WebSocket(url);
  await once(socket, 'open');
  try {
    // What a collection found is let go of in turns of the loop: once more.
    for (let times = 0; times < 3; times++) await ask(socket, 'HeapProfiler.collectGarbage');
    const expression = '({ pid: process.pid, ...process.memoryUsage() })';
    const told = await ask(socket, 'Runtime.evaluate', { expression, returnByValue: true });
    const { pid: whose, heapUsed, external } = usage.parse(evaluated.parse(told).result.value);
    if (whose !== pid) throw new Error(`process ${whose} listens at the inspector's port`);
    return heapUsed + external;
  } finally {
    const gone = once(socket, 'close');
    const expression = "setImmediate(() => process.getBuiltinModule('node:inspector').close())";
    socket.send(JSON.stringify({ id: 2, method: 'Runtime.evaluate', params: { expression } }));
    await gone;
  }
}

async function ask(socket: WebSocket, method: string, params: object = {}): Promise<unknown> {
  socket.send(JSON.stringify({ id: 1, method, params }));
  const { data } = await once(socket, 'message');
  return answer.parse(JSON.parse(String(data))).result;
}

function once(socket: WebSocket, event: string): Promise<{ readonly data?: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly data?: unknown }>();
  socket.addEventListener(
    event,
    (happened) => resolve({ ...('data' in happened ? { data: happened.data } : {}) }),
    { once: true },
  );
  socket.addEventListener('error', () => reject(new Error(`inspector: no ${event}`)), {
    once: true,
  });
  return promise;
}
