import { expect, test } from 'vitest';
import type { MeshEvent } from '#lib/host/mesh-news.ts';
import { eventsAsCsv, filtered, groupOf } from './event-log.ts';

const wallMs = Date.UTC(2026, 10, 20, 8, 2);
/** Of any kind, also of one that no version knows yet. */
const event = (kind: string, peer?: string, values: object = {}): MeshEvent =>
  ({ wallMs, kind, ...(peer !== undefined && { peer }), code: 'X', ...values }) as MeshEvent;

test.each([
  ['linked', 'link'],
  ['hostile', 'trouble'],
  ['release', 'data'],
  ['somethingNew', 'other'],
  ['toString', 'other'],
])('%s belongs to %s', (kind, group) => {
  expect(groupOf(event(kind))).toBe(group);
});

test('a filter keeps the order and lets through what fits both of its parts', () => {
  const events = [
    event('linked', 'S01-T2-00112233445566aa'),
    event('linked', 'HQ-HQ1-00112233445566aa'),
    event('hostile', 'S01-T2-00112233445566aa'),
  ];
  expect(filtered(events, { group: undefined, peer: undefined })).toEqual(events);
  expect(filtered(events, { group: 'link', peer: undefined })).toEqual(events.slice(0, 2));
  expect(filtered(events, { group: 'link', peer: 'T2' })).toEqual(events.slice(0, 1));
});

test('a saved file is one row per event, and no cell of it is a formula', () => {
  const events = [
    { ...event('linked', 'S01-T2-00112233445566aa'), times: 3 },
    event('clockTooFar', '=HYPERLINK("x"), and\nmore', { writer: 'S01-T2' }),
  ];
  expect(eventsAsCsv(events)).toBe(
    '\ufefftime,kind,peer,times,detail\r\n' +
      '2026-11-20T08:02:00.000Z,linked,S01-T2-00112233445566aa,3,Linked.\r\n' +
      `2026-11-20T08:02:00.000Z,clockTooFar,"'=HYPERLINK(""x""), and\nmore",1,An entry of S01-T2 is too far ahead of this clock.\r\n`,
  );
});
