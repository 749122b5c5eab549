/**
 * Who may do what, made from the code: the tables of routes, the routers of both hosts, what commands and changes of a cart need.
 * `authorisation.test.ts` drives every cell of it; `docs/authorisation.md` is what `asMarkdown` says.
 */
import { commandNeeds } from '#lib/domain/command-needs.ts';
import { may, permissionNames, roles, type Permission, type Role } from '#lib/domain/operator.ts';
import type { RefusalCode } from '#lib/domain/refusals.ts';
import { addEnrollingRoutes } from '#lib/host/enrolling-routes.ts';
import { createHost, needsToken, type Host } from '#lib/host/host.ts';
import { hqRoutes } from '#lib/host/hq-table.ts';
import { addRegisterRoutes } from '#lib/host/register-routes.ts';
import { cartChangeBody } from '#lib/host/screen-schemas.ts';
import { screenRoutes } from '#lib/host/screen-table.ts';
import { addStatusRoutes } from '#lib/host/status-routes.ts';
import type { CartChange } from '#lib/host/till-services.ts';
import { addRelayRoutes } from '#relay/relay-routes.ts';

/** `nothing`: whoever reaches the port. `session`: whoever is signed in here. `token`: a program with the machine's token. */
export type Need = 'nothing' | 'session' | 'token' | Permission;

export type Row = {
  readonly name: string;
  readonly needs: Need;
  /** What somebody hears who is signed in and may not. */
  readonly code: RefusalCode;
  /** Where it is not 403: what one may not see is not there. */
  readonly status?: number;
};

const row = (name: string, needs: Need, code: RefusalCode = 'NOT_PERMITTED'): Row => ({
  name,
  needs,
  code,
});

export const tillRows: readonly Row[] = [
  ...screenRoutes.map(({ method, path, needs }) => row(`${method} ${path}`, needs)),
  // What takes more than the route does.
  {
    ...row('POST /screen/sessions/end of a colleague', 'endSessions', 'SESSION_UNKNOWN'),
    status: 409,
  },
];
export const hqRows: readonly Row[] = hqRoutes.map(({ method, path, needs }) =>
  row(`${method} ${path}`, needs),
);

/** What needs a second till to be seen: driven by the test that it names. */
export const elsewhereRows: readonly (Row & { readonly test: string })[] = [
  {
    ...row(
      'POST /screen/carts/:act of a till that is gone',
      'takeOverCart',
      'TAKE_OVER_NOT_PERMITTED',
    ),
    status: 409,
    test: 'lib/register/store-carts.test.ts',
  },
];

/** What takes more than the command itself does. */
export const commandRows: readonly Row[] = [
  ...Object.entries(commandNeeds).map(([form, needs]) => row(form, needs)),
  row('CompleteSale with a discount', 'giveDiscount', 'DISCOUNT_NOT_PERMITTED'),
  row('CompleteSale with a discount on a line', 'giveDiscount', 'DISCOUNT_NOT_PERMITTED'),
  row('CompleteSale at a typed price', 'overridePrice', 'OVERRIDE_NOT_PERMITTED'),
  row('CompleteSale of what the catalogue does not know', 'overridePrice', 'PRODUCT_UNKNOWN'),
  row('CompleteSale of what is no longer sold', 'overridePrice', 'PRODUCT_INACTIVE'),
  row('ReturnOfReceipt above the store’s limit', 'returnAboveLimit', 'RETURN_LIMIT'),
];

const cartNeeds: Readonly<Record<CartChange['kind'], readonly [Permission, RefusalCode?]>> = {
  add: ['sell'],
  scan: ['sell'],
  quantity: ['sell'],
  price: ['overridePrice', 'OVERRIDE_NOT_PERMITTED'],
  discount: ['giveDiscount', 'DISCOUNT_NOT_PERMITTED'],
  remove: ['sell'],
  restore: ['sell'],
  clear: ['sell'],
};
/** The kinds that the border lets in. */
export const cartKinds: readonly string[] = (
  Reflect.get(cartChangeBody, 'options') as readonly { shape: { kind: { value: string } } }[]
).map(({ shape }) => shape.kind.value);
export const cartRows: readonly Row[] = Object.entries(cartNeeds).map(([kind, given]) =>
  row(kind, ...given),
);

export const registerRows = (): Row[] =>
  apiRows((app) => {
    addStatusRoutes(app, anything);
    addRegisterRoutes(app, anything);
    addEnrollingRoutes(app, anything, () => 0);
  });
export const relayRows = (): Row[] => apiRows((app) => addRelayRoutes(app, anything));

/** Nothing is asked of it: the routes alone are looked at. */
const anything = new Proxy({} as never, { get: () => () => () => undefined });

/** `METHOD /path` of what is added to a host, and what the host's own rule asks of it. */
function apiRows(add: (app: Host['app']) => void): Row[] {
  const { app } = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'x' });
  const names = app.hasRoute({ method: 'GET', url: '/api/health' }) ? ['GET /api/health'] : [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) if (each !== 'HEAD') names.push(`${each} ${url}`);
  });
  add(app);
  return names.map((name) => row(name, needsToken(name.split(' ')[1] ?? '') ? 'token' : 'nothing'));
}

/** Whether somebody of this role who is signed in here gets through. */
export const isAllowed = ({ needs }: Row, role: Role): boolean =>
  needs === 'nothing' ||
  needs === 'session' ||
  (needs !== 'token' && may({ roles: [role] }, needs));

/** Permissions that no row asks for: declared, and nothing is guarded by them. */
export const unusedPermissions = (): Permission[] => {
  const used = new Set(
    [...tillRows, ...elsewhereRows, ...hqRows, ...commandRows, ...cartRows].map(
      ({ needs }) => needs,
    ),
  );
  return permissionNames.filter((permission) => !used.has(permission));
};

// ---- As a page

const cell = (yes: boolean): string => (yes ? 'yes' : '–');

function people(title: string, rows: readonly Row[], refusedWith: (row: Row) => string): string[] {
  return [
    `## ${title}`,
    '',
    `| what | needs | nobody signed in | ${roles.join(' | ')} | refused with |`,
    `|---|---|---|${roles.map(() => '---|').join('')}---|`,
    ...rows.map((one) => {
      const cells = [
        cell(one.needs === 'nothing'),
        ...roles.map((role) => cell(isAllowed(one, role))),
      ];
      return `| ${one.name} | ${one.needs} | ${cells.join(' | ')} | ${refusedWith(one)} |`;
    }),
    '',
  ];
}

function programs(title: string, rows: readonly Row[]): string[] {
  return [
    `## ${title}`,
    '',
    '| what | with the token | without, with another, with a session’s cookie |',
    '|---|---|---|',
    ...rows.map((one) => `| ${one.name} | yes | ${cell(one.needs === 'nothing')} |`),
    '',
  ];
}

const overHttp = ({ needs, code, status = 403 }: Row): string => {
  if (needs === 'nothing') return '';
  return needs === 'session' ? '401' : `401; ${status} ${code}`;
};
const bySense = ({ code }: Row): string => `401; 409 ${code}`;

export function asMarkdown(): string {
  return [
    '# Who may do what',
    '',
    'Made from the code by `node tests/authorisation/write.ts`, and driven cell by cell by `tests/authorisation`: do not edit.',
    '',
    'A session counts at the process that began it, by a cookie that no other port gets. One that was locked (15 minutes without',
    'use), is over (16 hours), was signed out, belongs to another terminal, or whose operator head office has changed or removed, is',
    'as nobody: 401 SIGN_IN_NEEDED. Who is refused records nothing, changes no cart and publishes nothing; that',
    'somebody was refused is an entry of the journal.',
    '',
    ...people('A till’s screens', [...tillRows, ...elsewhereRows], overHttp),
    ...people('Commands', commandRows, bySense),
    'By `POST /screen/commands` the operator is the session’s; a sale is paid from the cart only. By `POST /api/commands`, with the',
    'token, the command names the operator, whose role counts in the same way.',
    '',
    ...people('Changes of the cart', cartRows, bySense),
    'A colleague who may can allow one change with his own PIN (`POST /screen/approvals`): it is judged by what he may.',
    '',
    ...people('Head office’s screens', hqRows, overHttp),
    'At head office only managers are known: nobody else can sign in. Which stores are shown is decided by whose manager one is.',
    '',
    ...programs('A till’s API', registerRows()),
    ...programs('A relay’s API', relayRows()),
    '## Beside these',
    '',
    '| what | who |',
    '|---|---|',
    '| `GET /events` | everybody: the status light; who is signed in: the figures |',
    '| a page | everybody: the sign-in page and the status light; who is signed in: what the routes above give |',
    '| `POST /enrol` on the mesh port | whoever has a one-time code |',
    '| a link on the mesh port | a certificate of the company that is not revoked and not barred; what it may write is the guard’s matter |',
    '',
  ].join('\n');
}
