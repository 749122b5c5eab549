/** What the page asks before anybody can be signed in: of the setup, and of the register that comes after it. */
import type { SetupAnswer, SetupView } from '#lib/host/setup-services.ts';
import type { StartProgress } from '#lib/host/start-progress.ts';

/** A code is tried at some tills, each with a deadline of its own. */
const patienceMs = 150_000;
const lookMs = 5_000;

async function read<Body>(path: string, body?: object, withinMs = lookMs): Promise<Body> {
  const response = await fetch(`/screen/${path}`, {
    signal: AbortSignal.timeout(withinMs),
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  // A refusal is an answer, too.
  if (!response.ok && response.status !== 409) throw new Error(String(response.status));
  return (await response.json()) as Body;
}

export const setupClient = {
  view: () => read<SetupView>('setup'),
  join: (text: string, at: string) => read<SetupAnswer>('setup', { text, at }, patienceMs),
  progress: () => read<StartProgress>('progress'),
};
