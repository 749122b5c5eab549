/**
 * What a route of the screens is: method, path, who may, what it takes, what it does, as data. Tables of them stand in
 * `screen-table.ts` (a till) and `hq-table.ts` (head office); tests walk those, so that no route is without a guard.
 */
import { z } from 'zod';
import { readWith, type Crossing } from '../domain/border.ts';
import { limits } from '../domain/limits.ts';
import type { Permission } from '../domain/operator.ts';
import { refusal, type RefusalCode } from '../domain/refusals.ts';
import type { ScreenGate } from './screen-gate.ts';
import type { SessionOrigin } from './sessions.ts';
import type { OperatorName } from './till-services.ts';

export type Screen<Services> = {
  readonly services: Services;
  readonly gate: ScreenGate;
  /** Of the cookie; undefined where none came. */
  readonly token: string | undefined;
  /** Where a session would begin that is begun now. */
  readonly origin: SessionOrigin;
};

export type Answer = {
  readonly status: number;
  /** Undefined: there is nothing at this address. */
  readonly body: unknown;
  /** What the browser's cookie becomes; null: it has none any more. */
  readonly token?: string | null;
};

type Raw = { readonly body: unknown; readonly query: unknown; readonly params: unknown };
type Acted = Answer | Promise<Answer>;

export type ScreenRoute<Services> = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: `/screen/${string}`;
  /** `nothing`: before signing in. `session`: anyone who is signed in. Else a permission of the operator's roles. */
  readonly needs: 'nothing' | 'session' | Permission;
  readonly bodyBytes: number;
  /** Reads what came, and does it only where every part of it is right. `caller` is there unless it needs nothing. */
  readonly act: (
    screen: Screen<Services>,
    raw: Raw,
    caller: OperatorName | undefined,
  ) => Crossing<() => Acted>;
};

type Parts<Body, Query, Params> = {
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  readonly params?: z.ZodType<Params>;
  readonly bodyBytes?: number;
};
type Input<Body, Query, Params> = {
  readonly body: Body;
  readonly query: Query;
  readonly params: Params;
};

export function screenRoute<Services, Body, Query, Params>(
  name: `${ScreenRoute<Services>['method']} /screen/${string}`,
  needs: ScreenRoute<Services>['needs'],
  parts: Parts<Body, Query, Params>,
  act: (screen: Screen<Services>, input: Input<Body, Query, Params>, by: string) => Acted,
): ScreenRoute<Services> {
  type Route = ScreenRoute<Services>;
  const [method, path] = name.split(' ') as [Route['method'], Route['path']];
  return {
    method,
    path,
    needs,
    bodyBytes: parts.bodyBytes ?? limits.screenBodyBytes,
    act(screen, raw, caller) {
      const query = readPart(parts.query, raw.query);
      if (!query.ok) return query;
      const params = readPart(parts.params, raw.params);
      if (!params.ok) return params;
      const body = readPart(parts.body, method === 'POST' ? raw.body : (raw.body ?? {}));
      if (!body.ok) return body;
      const input = { body: body.value, query: query.value, params: params.value };
      return { ok: true, value: () => act(screen, input, caller?.id ?? '') };
    },
  };
}

const nothing: z.ZodType = z.strictObject({});

/** What a route does not ask for must not be sent either: then there is nothing in it. */
const readPart = <Value>(schema: z.ZodType<Value> | undefined, value: unknown): Crossing<Value> =>
  readWith(schema ?? (nothing as z.ZodType<Value>), value);

export const answered = (body: unknown): Answer => ({ status: 200, body });

/** 409: an expected no, with its code and sentence. */
export const outcomeOf = (body: { readonly outcome: string }): Answer => ({
  status: body.outcome === 'refused' ? 409 : 200,
  body,
});

export const refusedWith = (status: number, code: RefusalCode): Answer => ({
  status,
  body: { outcome: 'refused', ...refusal(code) },
});

export const notPermitted = refusedWith(403, 'NOT_PERMITTED');
