/**
 * Stands between a browser and its till on a port of its own, and stops Pay where a test says: before the till has it, or
 * when its answer is on the way. Everything else passes. The address stays when the till comes back on another port.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as ask,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { until } from '../system/until.ts';

/** `question`: the till knows nothing of it yet. `answer`: it has done what it was asked, and the page does not know. */
export type HoldAt = 'question' | 'answer';

type Held = { readonly letGo: () => void; readonly drop: () => void };

export class PayGate {
  /** How often a page has asked to pay. */
  asked = 0;
  readonly #till: () => number;
  readonly #server: Server;
  #holdAt: HoldAt | undefined;
  readonly #held: Held[] = [];

  private constructor(till: () => number) {
    this.#till = till;
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch(() => response.destroy());
    });
  }

  /** `till` gives the port of the till's pages at any time. */
  static async open(till: () => number): Promise<PayGate> {
    const gate = new PayGate(till);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on, until they are let go. */
  hold(at: HoldAt): void {
    this.#holdAt = at;
  }

  /** Resolves when so many are stopped here. */
  async caught(count = 1): Promise<void> {
    await until('somebody to pay', () => (this.#held.length >= count ? true : undefined));
  }

  /** All that are held go on, at once; new ones are not held. */
  letGo(): void {
    this.#holdAt = undefined;
    for (const held of this.#held.splice(0)) held.letGo();
  }

  /** They never arrive. */
  drop(): void {
    this.#holdAt = undefined;
    for (const held of this.#held.splice(0)) held.drop();
  }

  close(): void {
    this.drop();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isPay = request.method === 'POST' && request.url === '/screen/pay';
    const body = await buffer(request);
    if (isPay) {
      this.asked += 1;
      if (this.#holdAt === 'question') await this.#stop(response);
    }
    const answer = await this.#forward(request, body, response);
    if (!isPay || this.#holdAt !== 'answer') {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      return;
    }
    const done = await buffer(answer);
    await this.#stop(response);
    response.writeHead(answer.statusCode ?? 502, answer.headers).end(done);
  }

  /** Until it is let go. Whoever asked may be gone by then; what was asked goes on all the same. */
  #stop(response: ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#held.push({
        letGo: resolve,
        drop: () => {
          response.destroy();
          reject(new Error('dropped'));
        },
      });
    });
  }

  /** To the till, as if the page were its own: it listens to no other origin. */
  async #forward(
    from: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<IncomingMessage> {
    const host = `127.0.0.1:${this.#till()}`;
    const headers = { ...from.headers, host };
    if (headers.origin !== undefined) headers.origin = `http://${host}`;
    const onward = ask({
      host: '127.0.0.1',
      port: this.#till(),
      method: from.method,
      path: from.url,
      headers,
      agent: false,
    });
    // A stream of events ends with the page that follows it; Pay has been sent whole.
    if (from.url !== '/screen/pay') response.on('close', () => onward.destroy());
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    answer.on('error', () => response.destroy());
    return answer;
  }
}
