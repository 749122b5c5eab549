/** The way to the relay, step by step, so that the first one that fails names the cause: name, port, TLS, clock. */
import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { limits } from '#lib/domain/limits.ts';
import type { Endpoint } from '../endpoints.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const stepWithinMs = 5_000;

export async function checkRelay(relay: Endpoint, wallMs: () => number): Promise<Finding[]> {
  const at = `${relay.host}:${relay.port}`;
  const findings: Finding[] = [];
  let address: string;
  try {
    ({ address } = await lookup(relay.host));
    findings.push(ok('relay-name', `${relay.host} is ${address}`));
  } catch (error) {
    const todo = 'check the name, or give the address instead';
    return [...findings, fail('relay-name', `${relay.host}: ${codeOf(error)}`, todo)];
  }
  try {
    await connectOnce({ host: address, port: relay.port });
    findings.push(ok('relay-port', `${at} answers`));
  } catch (error) {
    const todo = 'check that the relay runs, and the firewalls between';
    return [...findings, fail('relay-port', `${at}: ${codeOf(error)}`, todo)];
  }
  try {
    const { protocol, date } = await greet(relay);
    findings.push(
      protocol === 'TLSv1.3'
        ? ok('relay-tls', protocol)
        : fail(
            'relay-tls',
            protocol,
            'something between speaks an older TLS: let it pass the port on',
          ),
    );
    findings.push(checkClock(date, wallMs()));
  } catch (error) {
    const todo = 'something else answers there: name the sync port of the relay (3001)';
    findings.push(fail('relay-tls', `${at}: ${codeOf(error)}`, todo));
  }
  return findings;
}

export function checkClock(date: string | undefined, wallMs: number): Finding {
  const relayMs = Date.parse(date ?? '');
  if (Number.isNaN(relayMs))
    return warn('clock', 'the relay did not say its time', 'compare by hand');
  // An HTTP date has whole seconds.
  const offSeconds = Math.round(Math.abs(wallMs - relayMs) / 1_000);
  const found = offSeconds <= 1 ? 'as the relay’s' : `${offSeconds} s off the relay’s`;
  if (offSeconds * 1_000 <= limits.clockDoubtMs) return ok('clock', found);
  const todo = 'set the clock: stock counts are ordered by it when tills had not seen each other';
  return offSeconds * 1_000 > limits.clockAheadMs
    ? fail('clock', found, todo)
    : warn('clock', found, todo);
}

function connectOnce(at: Endpoint): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ ...at, timeout: stepWithinMs });
  socket
    .once('connect', () => {
      socket.destroy();
      resolve();
    })
    .once('timeout', () => socket.destroy(new Error('no answer')))
    .once('error', reject);
  return promise;
}

type Greeting = { readonly protocol: string; readonly date: string | undefined };

/** Without a certificate of our own the relay refuses, but it has shaken hands and said its time by then. */
function greet(at: Endpoint): Promise<Greeting> {
  const { promise, resolve, reject } = Promise.withResolvers<Greeting>();
  const call = request({
    ...at,
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
    .once('timeout', () => call.destroy(new Error('no answer')))
    .once('error', (error) => {
      if (protocol === 'no TLS') reject(error);
      else resolve({ protocol, date: undefined });
    })
    .end();
  return promise;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
