/** The page of a machine that has not joined: whoever asks may leave before it is answered. */
import { afterEach, expect, test, vi } from 'vitest';
import { createHost, type Host } from './host.ts';
import { addSetupRoutes } from './setup-routes.ts';
import type { SetupAnswer } from './setup-services.ts';

let host: Host | undefined;
afterEach(() => host?.close());

async function start() {
  const joining = Promise.withResolvers<SetupAnswer>();
  const asked = Promise.withResolvers<void>();
  const onJoined = vi.fn<() => void>();
  host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  addSetupRoutes(
    host.app,
    {
      view: () => ({ state: 'asking', places: [], isLooking: true }),
      join() {
        asked.resolve();
        return joining.promise;
      },
    },
    onJoined,
  );
  const origin = `http://127.0.0.1:${await host.listen()}`;
  const leaving = new AbortController();
  const answer = fetch(`${origin}/screen/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ text: '7QZK-3M8V-A1XW-9T0R', at: '' }),
    signal: leaving.signal,
  }).then(
    (response) => response.status,
    () => 'gone',
  );
  await asked.promise;
  return { joining, answer, leaving, onJoined };
}

const done: SetupAnswer = { outcome: 'done', store: 'S01', terminal: 'T2' };

test('a machine that has joined makes way for its till when the answer is out, and not before', async () => {
  const { joining, answer, onJoined } = await start();
  expect(onJoined).not.toHaveBeenCalled();
  joining.resolve(done);
  expect(await answer).toBe(200);
  await vi.waitFor(() => expect(onJoined).toHaveBeenCalledOnce());
});

test('it does so, too, where the page was closed or loaded anew while it joined', async () => {
  const { joining, answer, leaving, onJoined } = await start();
  const closed = new Promise((resolve) =>
    host?.app.server.getConnections((_error, before) => {
      expect(before).toBe(1);
      const look = setInterval(() => {
        host?.app.server.getConnections((_problem, now) => {
          if (now > 0) return;
          clearInterval(look);
          resolve(undefined);
        });
      }, 5);
    }),
  );
  leaving.abort();
  expect(await answer).toBe('gone');
  await closed;
  joining.resolve(done);
  await vi.waitFor(() => expect(onJoined).toHaveBeenCalledOnce());
});

test('a refusal ends nothing: another code is asked for', async () => {
  const { joining, answer, onJoined } = await start();
  joining.resolve({ outcome: 'refused', code: 'JOIN_CODE_EXPIRED' });
  expect(await answer).toBe(409);
  expect(onJoined).not.toHaveBeenCalled();
});
