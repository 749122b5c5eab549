/** The way to a relay, step by step, so that the first one that fails names the cause: name, port, TLS, clock. */
import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { limits } from '../../domain/limits.ts';
import { type Check, checked, codeOf } from './check.ts';

export type Endpoint = { readonly host: string; readonly port: number };

const stepWithinMs = 5_000;

export const at = ({ host, port }: Endpoint): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export async function checkRelay(relay: Endpoint, wallMs: () => number): Promise<Check[]> {
  const { host } = relay;
  const checks: Check[] = [];
  let address: string;
  try {
    ({ address } = await lookup(host));
    checks.push(checked('relay-name', 'ok', { found: 'name', host, address }));
  } catch (error) {
    return [checked('relay-name', 'fail', { found: 'noName', host, code: codeOf(error) })];
  }
  const port = await checkPortAnswers('relay-port', { host: address, port: relay.port }, at(relay));
  checks.push(port);
  if (port.state !== 'ok') return checks;
  try {
    const { protocol, date } = await greet(relay);
    const state = protocol === 'TLSv1.3' ? 'ok' : 'fail';
    checks.push(checked('relay-tls', state, { found: 'protocol', at: at(relay), protocol }));
    const relayMs = Date.parse(date ?? '');
    checks.push(
      Number.isNaN(relayMs)
        ? checked('clock', 'warn', { found: 'noClock', of: at(relay) })
        : checkClock(at(relay), relayMs - wallMs()),
    );
  } catch (error) {
    checks.push(
      checked('relay-tls', 'fail', { found: 'noTls', at: at(relay), code: codeOf(error) }),
    );
  }
  return checks;
}

/** `of` is who has the other clock. An HTTP date has whole seconds, and so has the answer. */
export function checkClock(of: string, offsetMs: number): Check {
  const offMs = Math.round(Math.abs(offsetMs) / 1_000) * 1_000;
  const state = offMs <= limits.clockDoubtMs ? 'ok' : offMs > limits.clockAheadMs ? 'fail' : 'warn';
  return checked('clock', state, { found: 'clock', of, offMs });
}

/** `named` is how people know the address. */
export async function checkPortAnswers(
  check: 'own-port' | 'relay-port',
  to: Endpoint,
  named = at(to),
): Promise<Check> {
  try {
    await connectOnce(to);
    return checked(check, 'ok', { found: 'answers', at: named });
  } catch (error) {
    return checked(check, 'fail', { found: 'silent', at: named, code: codeOf(error) });
  }
}

function connectOnce(to: Endpoint): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ ...to, timeout: stepWithinMs });
  socket
    .once('connect', () => {
      socket.destroy();
      resolve();
    })
    .once('timeout', () => socket.destroy(new NoAnswer()))
    .once('error', reject);
  return promise;
}

type Greeting = { readonly protocol: string; readonly date: string | undefined };

/** Without a certificate of our own the relay refuses, but it has shaken hands and said its time by then. */
function greet(to: Endpoint): Promise<Greeting> {
  const { promise, resolve, reject } = Promise.withResolvers<Greeting>();
  const call = request({
    ...to,
    method: 'GET',
    path: '/',
    // Reach is measured here, not trust: nothing is sent and nothing is believed but the time.
    rejectUnauthorized: false,
    timeout: stepWithinMs,
    agent: false,
  });
  let protocol = 'no TLS';
  call.on('socket', (socket) => {
    socket.once('secureConnect', () => {
      if ('getProtocol' in socket && typeof socket.getProtocol === 'function') {
        protocol = String(socket.getProtocol());
      }
    });
  });
  call
    .once('response', (response) => {
      response.resume();
      resolve({ protocol, date: response.headers.date });
    })
    .once('timeout', () => call.destroy(new NoAnswer()))
    .once('error', (error) => {
      if (protocol === 'no TLS') reject(error);
      else resolve({ protocol, date: undefined });
    })
    .end();
  return promise;
}

class NoAnswer extends Error {
  readonly code = 'ETIMEDOUT';
}
