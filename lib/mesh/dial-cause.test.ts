/** Causes as the real wire gives them on loopback; what loopback cannot do stands in the table. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../tests/simulation/real-clock.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { verifyChain } from '../trust/chain.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { dialCauseOf } from './dial-cause.ts';
import { closing } from './protocol.ts';
import { TlsTransport } from './tls-transport.ts';
import type { DialTarget, LinkEnd, RawLink } from './transport.ts';

let one: NewIncarnation;
let two: NewIncarnation;
let stranger: NewIncarnation;
let caDer: Uint8Array;
let rogueDer: Uint8Array;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const company = await SampleCompany.create('causes');
  [one, two] = [await company.incarnation('S01', 'T1'), await company.incarnation('S01', 'T2')];
  caDer = company.caDer;
  const rogue = await SampleCompany.create('others');
  stranger = await rogue.incarnation('S01', 'T2');
  rogueDer = rogue.caDer;
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function wire(life: NewIncarnation, ca = caDer): TlsTransport {
  const transport = new TlsTransport({
    clock: realClock,
    credentials: () => life.credentials,
    verifyPeer: (ders) => verifyChain(ders, ca),
    host: '127.0.0.1',
    port: 0,
    handshakeMs: 300,
  });
  ends.push(() => transport.stop());
  return transport;
}

async function listening(life: NewIncarnation, accept: (link: RawLink) => void = () => undefined) {
  const { port } = await wire(life).start(accept);
  return { host: '127.0.0.1', port };
}

async function plainServer(act: (socket: Socket) => void): Promise<DialTarget> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    act(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const causeFor = (target: DialTarget, life = one): Promise<unknown> =>
  wire(life)
    .dial(target)
    .then(() => 'linked', dialCauseOf);

describe('why a dial came to nothing, on the real wire', () => {
  it('nobody listens, nobody answers, somebody hangs up', async () => {
    const gone = await plainServer(() => undefined);
    await ends.pop()?.();
    expect(await causeFor(gone)).toBe('nothingListens');
    expect(await causeFor(await plainServer(() => undefined))).toBe('noAnswer');
    expect(await causeFor(await plainServer((socket) => socket.destroy()))).toBe('ended');
  });

  it('something that speaks no TLS', async () => {
    expect(await causeFor(await plainServer((socket) => socket.write('220 mail ready\r\n')))).toBe(
      'notTls',
    );
  });

  it('the other end is of another company, or takes this till for one of another', async () => {
    expect(await causeFor(await listening(stranger))).toBe('otherCompany');
    const target = await listening(one);
    const foreign = wire(stranger, rogueDer);
    expect(await foreign.dial(target).then(() => 'linked', dialCauseOf)).toBe('otherCompany');
    // With its eyes shut to whom it calls, it is turned away all the same.
    const careless = new TlsTransport({
      clock: realClock,
      credentials: () => stranger.credentials,
      verifyPeer: () => ({ principal: 'S01-T1-00000000000000aa' as Principal, terminalKey: '' }),
      host: '127.0.0.1',
      port: 0,
    });
    ends.push(() => careless.stop());
    expect(await careless.dial(target).then(() => 'linked', dialCauseOf)).toBe('turnedAway');
  });

  it('another till than the one that was announced', async () => {
    const target = await listening(two);
    const announced = 'S01-T9-00000000000000aa' as Principal;
    expect(await causeFor({ ...target, expect: announced })).toBe('otherTill');
    expect(await causeFor(target)).toBe('linked');
  });

  it('a link that the other end refuses says so, and one that it leaves does not', async () => {
    const ended: LinkEnd[] = [];
    for (const how of [closing.refused, closing.leaving]) {
      const target = await listening(two, (link) => link.close(how.code, how.reason));
      const link = await wire(one).dial(target);
      link.listen({ frame: () => undefined, closed: (end = 'closed') => ended.push(end) });
      await vi.waitFor(() =>
        expect(ended.at(-1)).toBe(how === closing.refused ? 'refused' : 'closed'),
      );
    }
    expect(ended).toEqual(['refused', 'closed']);
  });
});

it.each([
  ['ETIMEDOUT', 'noAnswer'],
  ['no answer to the upgrade', 'noAnswer'],
  ['ENOTFOUND', 'nameUnknown'],
  ['EAI_AGAIN', 'nameUnknown'],
  ['EHOSTUNREACH', 'noWay'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'notTls'],
  ['Unexpected server response: 503', 'ended'],
  ['whatever a peer may say', 'failed'],
])('%s is %s', (detail, cause) => {
  expect(dialCauseOf(new TillmeshError('LINK_FAILED', detail))).toBe(cause);
});

it('what is no error of the catalogue is only a failure', () => {
  expect(dialCauseOf(new Error('ECONNREFUSED'))).toBe('failed');
  expect(dialCauseOf(new TillmeshError('CERTIFICATE_MALFORMED', 'x'))).toBe('badCertificate');
});
