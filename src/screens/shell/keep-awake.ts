/**
 * A till that nobody touches locks itself. The page says that somebody is there, at most once a minute; what it reads
 * by itself keeps nothing open. When the time is over the page hides itself instead of waiting for a refusal.
 */
import { tillClient } from '../till-client.ts';

const sayEveryMs = 60_000;

/** `shut`: the till says that this session is open no more. */
export function keepAwake(openForMs: number, shut: () => void): () => void {
  let saidMs = performance.now();
  let timer = lockIn(openForMs);

  function lockIn(waitMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => void check(), waitMs + 500);
  }

  /** Another tab may have kept the session open, so the till has the last word. */
  async function check(): Promise<void> {
    const view = await tillClient.session().catch(() => undefined);
    if (view?.state === 'open') timer = lockIn(view.openForMs);
    else if (view) shut();
    else timer = lockIn(sayEveryMs);
  }

  function touched(): void {
    if (performance.now() - saidMs < sayEveryMs) return;
    saidMs = performance.now();
    clearTimeout(timer);
    // Without an answer the till is away, and the shell says so.
    void check();
    tillClient.awake().catch(() => undefined);
  }

  window.addEventListener('pointerdown', touched);
  window.addEventListener('keydown', touched);
  return () => {
    clearTimeout(timer);
    window.removeEventListener('pointerdown', touched);
    window.removeEventListener('keydown', touched);
  };
}
