/** The bench's end of a register in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ask } from './till-child.ts';

export class BenchTill {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { resolve(value: unknown): void; reject(error: Error): void }
  >();
  #last = 0;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./till-child.ts', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on(
      'message',
      ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (error === undefined) waiting?.resolve(value);
        else waiting?.reject(new Error(error));
      },
    );
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the till ended with ${code}`));
    });
  }

  /** The caller states the shape: both ends are this bench. */
  ask<Answer>(ask: Ask): Promise<Answer> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ask });
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null) await this.ask({ kind: 'stop' }).catch(() => undefined);
    this.#child.disconnect();
  }
}
