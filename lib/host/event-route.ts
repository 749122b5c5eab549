/**
 * `GET /events`: the status of this process as server-sent events, for its own pages only
 * (the host has refused other sites before). Who is not signed in hears of the light, and of nothing more.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { EventFeed, formatEvent, paced } from './event-feed.ts';
import { sendFailure } from './failures.ts';
import { publicStatus } from './public-status.ts';
import type { Status, StatusServices } from './services.ts';

type View = {
  readonly name: string;
  readonly of: (status: Status) => unknown;
  readonly feed: EventFeed;
};

/** Keeps the connection known as alive to both ends, and finds dead ones. */
const keepAliveMs = 15_000;

export function addEventRoute(
  app: FastifyInstance,
  options: {
    readonly services: StatusServices;
    readonly clock: Clock;
    readonly run: string;
    /** Whether this caller may know the figures, asked again before each event. Absent: everybody may. */
    readonly admits?: (request: FastifyRequest) => boolean;
    /** Calls back when sessions were locked or ended: their streams end then, and not with the next event. */
    readonly onClosed?: (listener: () => void) => () => void;
  },
): void {
  const { services, clock, admits = () => true } = options;
  const now = () => statusNow(services, (error) => app.log.error({ err: error }, 'no status'));
  // The same till after a restart counts from 1 again: its start makes the run another one.
  const run = `${options.run}-${clock.wallMs().toString(36)}`;
  const views = [
    { name: 'status', of: (status: Status): unknown => status, runOf: run },
    // A run of its own: an id of the other is nothing that it could resume from.
    { name: 'light', of: publicStatus, runOf: `${run}-light` },
  ] as const;
  const [figures, lights] = views.map(({ name, of, runOf }) => {
    const picture = () => {
      const status = now();
      return status && { name, value: of(status) };
    };
    return { name, of, feed: new EventFeed({ run: runOf, picture }) };
  }) as [View, View];
  const tell = paced(clock, limits.statusEveryMs, () => {
    // A status costs a walk over the stock: nobody looking, nothing computed.
    const isWatched = [figures, lights].some(({ feed }) => feed.listeners > 0);
    const status = isWatched ? now() : undefined;
    for (const { name, of, feed } of [figures, lights]) {
      if (status && feed.listeners > 0) feed.publish(name, of(status));
      else feed.skip();
    }
  });
  const stop = services.onChange(tell);
  const closing = new Set<() => void>();
  const judging = new Set<() => void>();
  const unwatch = options.onClosed?.(() => {
    // Whoever asked for it gets an answer first.
    setImmediate(() => judging.forEach((judge) => judge()));
  });

  app.get('/events', (request, reply) => {
    const isAdmitted = admits(request);
    const { feed } = isAdmitted ? figures : lights;
    // Each has a room of its own: strangers take none from who is signed in.
    if (feed.listeners >= limits.eventStreams) return sendFailure(reply, 'OVER_LIMIT');
    /** The session was locked, has ended or begun: the page comes back and hears what it may now. */
    const isAnother = (): boolean => admits(request) !== isAdmitted;
    const lastEventId = request.headers['last-event-id'];
    const raw = reply.raw;
    reply.hijack();
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write('retry: 1000\n\n');
    const unsubscribe = feed.subscribe(
      typeof lastEventId === 'string' ? lastEventId : undefined,
      // A client that does not read is let go before its events fill the memory; it resumes later.
      (event) => {
        if (isAnother()) return void setImmediate(() => end());
        if (raw.writableLength > limits.httpBodyBytes) raw.destroy();
        else raw.write(formatEvent(event));
      },
    );
    let timer = clock.setTimer(keepAlive, keepAliveMs);
    function keepAlive(): void {
      if (isAnother()) return end();
      // An event and not a comment: pages do not get to see comments. Without an id, so that nothing is resumed by it.
      raw.write('event: alive\ndata: 1\n\n');
      timer = clock.setTimer(keepAlive, keepAliveMs);
    }
    const judge = (): void => {
      if (isAnother()) end();
    };
    judging.add(judge);
    const end = (): void => {
      timer.cancel();
      unsubscribe();
      closing.delete(end);
      judging.delete(judge);
      raw.end();
    };
    closing.add(end);
    raw.on('close', end);
    raw.on('error', end);
    return reply;
  });

  // Open streams would keep `close` waiting for ever.
  app.addHook('preClose', (done) => {
    stop();
    unwatch?.();
    for (const end of closing) end();
    done();
  });
}

/**
 * Undefined for the tenths of a second in which a till begins anew, and where a disk refuses to be read: screens go on with
 * what they have, and are told at the next change.
 */
function statusNow(
  services: StatusServices,
  onError: (error: unknown) => void,
): Status | undefined {
  try {
    return services.status();
  } catch (error) {
    if (!isTillmeshError(error, 'BEGINNING_ANEW')) onError(error);
    return undefined;
  }
}
