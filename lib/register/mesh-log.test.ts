import { describe, expect, it } from 'vitest';
import { TillmeshError } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { formatHlc } from '../journal/hybrid-clock.ts';
import { MeshLog } from './mesh-log.ts';
import type { RegisterEvent } from './register-parts.ts';

const peer = (n: number) => `S01-T${n}-00000000000000aa` as Principal;
let nowMs = 1_000;
const log = () => new MeshLog({ wallMs: () => (nowMs += 1_000) });

describe('the log of the mesh', () => {
  it('holds kinds and values, the newest first', () => {
    nowMs = 0;
    const events = log();
    events.happened({ kind: 'linked', peer: peer(2), dialled: true });
    events.happened({ kind: 'clockOffset', peer: peer(2), offsetMs: -90_500 });
    events.happened({ kind: 'double', peer: peer(2), kept: 'old' });
    expect(events.list()).toEqual([
      {
        wallMs: 2_000,
        kind: 'clockOffset',
        peer: peer(2),
        offsetMs: -90_500,
      },
      { wallMs: 1_000, kind: 'linked', peer: peer(2) },
    ]);
  });

  it('N9: a revocation of another till stands in it, since when head office has revoked it', () => {
    const events = log();
    const at = formatHlc(7_000, 0);
    const [terminal, terminalKey, reason] = ['S01-T2', 'key', 'stolen'];
    events.happened({ kind: 'revoked', terminal, terminalKey, reason, at, own: false });
    expect(events.list()).toMatchObject([
      { kind: 'revoked', writer: 'S01-T2', reason: 'stolen', atMs: 7_000 },
    ]);
  });

  it('what goes on for hours is one line with its count, and pushes nothing out', () => {
    const events = log();
    events.happened({ kind: 'forked', journal: 'S01/T2/00000000000000aa' as never });
    for (let attempt = 1; attempt <= 1_000; attempt++)
      for (const port of [1, 2])
        events.happened({
          kind: 'dialFailed',
          host: '10.0.0.9',
          port,
          cause: 'noAnswer',
          code: 'LINK_FAILED',
          detail: 'x',
          attempt,
          retryMs: 1,
        });
    expect(events.list().map(({ kind, times }) => [kind, times])).toEqual([
      ['dialFailed', 1_000],
      ['dialFailed', 1_000],
      ['forked', undefined],
    ]);
  });

  it('a link that comes and goes keeps its story; the log stays within its bound', () => {
    const events = log();
    for (let n = 0; n < 1_000; n++)
      events.happened(
        n % 2
          ? { kind: 'unlinked', peer: peer(n % 7) }
          : { kind: 'linked', peer: peer(n % 7), dialled: true },
      );
    expect(events.list().length).toBeLessThanOrEqual(limits.meshEventsKept);
    for (let n = 0; n < 1_000; n++) events.happened({ kind: 'listening', port: n });
    expect(events.list()).toHaveLength(limits.meshEventsKept);
    expect(events.list()[0]).toMatchObject({ kind: 'listening', port: 999 });
  });

  it('X9: nothing that a peer wrote, no path and no secret stands in it', () => {
    const events = log();
    const secret = 'CN=<script> /home/shop/key 4711';
    const told: RegisterEvent[] = [
      { kind: 'unknownType', peer: peer(2), type: secret },
      { kind: 'hostile', peer: peer(2), code: 'ENTRY_FORGED', detail: secret, document: secret },
      { kind: 'fault', peer: peer(2), error: new Error(secret) },
      { kind: 'error', error: new TillmeshError('DISK_FULL', secret) },
      { kind: 'damaged', what: secret, detail: secret },
      { kind: 'storage', detail: secret },
      { kind: 'reset', peer: peer(2), why: secret },
      { kind: 'notListening', code: 'PORT_IN_USE', detail: secret },
      { kind: 'invalidRecord', list: 'roster', detail: secret },
      { kind: 'doubleIdentity', peer: peer(2), instance: secret },
    ];
    for (const event of told) events.happened(event);
    expect(events.list()).toHaveLength(told.length);
    expect(JSON.stringify(events.list())).not.toMatch(/script|home|4711/);
    expect(events.list()).toContainEqual(
      expect.objectContaining({ kind: 'error', code: 'DISK_FULL' }),
    );
  });
});
