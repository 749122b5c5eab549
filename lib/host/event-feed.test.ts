import { describe, expect, test } from 'vitest';
import type { Clock } from '../domain/clock.ts';
import { EventFeed, type FeedEvent, formatEvent, paced } from './event-feed.ts';

const feedOf = (kept = 3): EventFeed =>
  new EventFeed({ run: 'r1', kept, picture: () => ({ name: 'picture', value: 'all' }) });
const seenBy = (feed: EventFeed, lastEventId?: string): string[] => {
  const seen: string[] = [];
  feed.subscribe(lastEventId, (event: FeedEvent) => seen.push(`${event.id} ${event.name}`));
  return seen;
};

describe('a client that comes back', () => {
  const feed = feedOf();
  for (const n of [1, 2, 3, 4, 5]) feed.publish('change', n);

  test.each([
    ['the newest', 'r1:5', []],
    ['one before', 'r1:4', ['r1:5 change']],
    ['the oldest that can be resumed', 'r1:2', ['r1:3 change', 'r1:4 change', 'r1:5 change']],
    ['one that is too old', 'r1:1', ['r1:5 picture']],
    ['one of the future', 'r1:6', ['r1:5 picture']],
    ['one of another run', 'r0:4', ['r1:5 picture']],
    ['nothing', undefined, ['r1:5 picture']],
    ['nonsense', 'r1:x', ['r1:5 picture']],
  ])('with %s gets what it missed, or the whole picture', (_what, lastEventId, expected) => {
    expect(seenBy(feed, lastEventId)).toEqual(expected);
  });
});

test('a client that comes back has what changed while nobody looked', () => {
  const feed = feedOf();
  feed.publish('change', 1);
  feed.skip();
  expect(seenBy(feed, 'r1:1')).toEqual(['r1:2 picture']);
  feed.publish('change', 3);
  expect(seenBy(feed, 'r1:1')).toEqual(['r1:3 picture']);
  expect(seenBy(feed, 'r1:2')).toEqual(['r1:3 change']);
});

test('after the picture come the changes, until it leaves', () => {
  const feed = feedOf();
  const seen: string[] = [];
  const leave = feed.subscribe(undefined, (event) => seen.push(event.data));
  feed.publish('change', 1);
  leave();
  feed.publish('change', 2);
  expect(seen).toEqual(['"all"', '1']);
  expect(feed.listeners).toBe(0);
});

test('text with line breaks stays one event on the wire', () => {
  const data = JSON.stringify('a\nb\r\n\nevent: forged');
  expect(formatEvent({ id: 'r1:1', name: 'change', data })).toBe(
    'id: r1:1\nevent: change\ndata: "a\\nb\\r\\n\\nevent: forged"\n\n',
  );
});

describe('pacing', () => {
  test('many changes become one soon and one at the end of the pause', () => {
    const timers: (() => void)[] = [];
    const clock: Clock = {
      wallMs: () => 0,
      monotonicMs: () => 0,
      zone: () => 'UTC',
      setTimer(run) {
        timers.push(run);
        return { cancel: () => undefined };
      },
    };
    let runs = 0;
    const changed = paced(clock, 250, () => {
      runs += 1;
    });
    changed();
    // Not in the middle of what changed something.
    expect(runs).toBe(0);
    timers.shift()?.();
    expect(runs).toBe(1);
    for (let n = 0; n < 10; n += 1) changed();
    expect(runs).toBe(1);
    timers.shift()?.();
    expect(runs).toBe(2);
    timers.shift()?.();
    expect(runs).toBe(2);
    changed();
    timers.shift()?.();
    expect(runs).toBe(3);
  });
});
