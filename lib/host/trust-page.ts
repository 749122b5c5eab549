/**
 * What the LAN gets over plain http: how to trust the company's web root, and that root. No script, no cookie, nothing
 * of the shop but the till's name; whoever is between reads only what anybody may, and a person compares the fingerprint.
 */
import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { trustTexts as texts } from './trust-texts.ts';

export type TrustPageParts = {
  /** `S01 · T1` */
  readonly name: string;
  /** The web root (DER); undefined before head office has given one. */
  readonly root: () => Uint8Array | undefined;
  /** `192.168.1.20:4443`, the best one first: what the link leads to, or that of them by which the page was asked for. */
  readonly hosts: () => readonly string[];
};

export const rootPaths = { der: '/tillmesh-root.crt', profile: '/tillmesh-root.mobileconfig' };

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 in groups of four, as people compare it. */
export const fingerprintOf = (der: Uint8Array): string =>
  (hashOf(der).toUpperCase().match(/.{4}/g) ?? []).join(' ');

const style = `:root{color-scheme:light dark;--t:#1c1917;--q:#57534e;--b:#fafaf9;--c:#fff;--e:#d6d3d1;--a:#0f766e;--o:#fff}
@media(prefers-color-scheme:dark){:root{--t:#f5f5f4;--q:#a8a29e;--b:#1c1917;--c:#292524;--e:#44403c;--a:#2dd4bf;--o:#042f2e}}
body{margin:0;background:var(--b);color:var(--t);font:1.0625rem/1.5 system-ui,sans-serif}
main{max-width:40rem;margin:0 auto;padding:1rem 1rem 3rem}h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1875rem;margin:1.75rem 0 .5rem}
p,ol{margin:.5rem 0}ol{padding-inline-start:1.5rem}.q{color:var(--q)}
.f{font:600 1.125rem/1.7 ui-monospace,Menlo,monospace;background:var(--c);border:1px solid var(--e);border-radius:.75rem;padding:.75rem 1rem;overflow-wrap:anywhere}
a.b{display:flex;align-items:center;justify-content:center;min-height:3rem;padding:.25rem 1rem;margin:.5rem 0;border:1px solid var(--a);border-radius:.75rem;color:var(--a);text-decoration:none;text-align:center;overflow-wrap:anywhere}
a.m{background:var(--a);color:var(--o);font-weight:600}
details{border-bottom:1px solid var(--e)}summary{padding:.75rem 0;font-weight:600;cursor:pointer}`;
const styleHash = createHash('sha256').update(style).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

export function trustPage(parts: TrustPageParts): RequestListener {
  return (request, response) => {
    const send = (status: number, type: string, body: string | Uint8Array): void => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'content-security-policy': policy,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        // Nobody keeps a door open here.
        connection: 'close',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const html = 'text/html; charset=utf-8';
    const path = (request.url ?? '').split('?', 1)[0];
    const root = parts.root();
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && path === '/') {
      const asked = request.headers.host?.toLowerCase();
      const hosts = parts.hosts();
      const host = hosts.find((each) => each === asked) ?? hosts[0];
      send(200, html, pageOf(parts.name, root, host));
    } else if (isRead && root && path === rootPaths.der) {
      send(200, 'application/x-x509-ca-cert', root);
    } else if (isRead && root && path === rootPaths.profile) {
      send(200, 'application/x-apple-aspen-config', profileOf(root));
    } else if (isRead && request.headers.accept?.includes('text/html')) {
      // Somebody typed the address of a page, or kept it, without `https`: what is to be done first stands on this one.
      response.writeHead(303, { location: '/', 'cache-control': 'no-store', connection: 'close' });
      response.end();
    } else send(404, 'text/plain; charset=utf-8', texts.notFound);
  };
}

function pageOf(name: string, root: Uint8Array | undefined, host: string | undefined): string {
  const address = `https://${host ?? ''}/`;
  const { check, install, open, bounds } = texts;
  const systems = texts.systems.map(
    (system) =>
      `<details><summary>${escaped(system.name)}</summary><ol>${system.steps
        .map((step) => `<li>${escaped(step)}</li>`)
        .join('')}</ol></details>`,
  );
  const body =
    root && host !== undefined
      ? `<p>${escaped(texts.lead(name))}</p>
<h2>${escaped(check.heading)}</h2><p class="q">${escaped(check.name)}</p><p class="f">${fingerprintOf(root)}</p><p>${escaped(check.text)}</p>
<h2>${escaped(install.heading)}</h2><a class="b" href="${rootPaths.profile}">${escaped(install.apple)}</a><a class="b" href="${rootPaths.der}">${escaped(install.others)}</a>
${systems.join('\n')}
<h2>${escaped(open.heading)}</h2><a class="b m" href="${escaped(address)}">${escaped(open.link(address))}</a><p class="q">${escaped(open.text)}</p>
<h2>${escaped(bounds.heading)}</h2><p class="q">${escaped(bounds.text)}</p>`
      : `<p>${escaped(texts.notReady)}</p>`;
  return `<!doctype html><html lang="${texts.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(texts.title)} · ${escaped(name)}</title><style>${style}</style></head><body><main><h1>${escaped(texts.title)}</h1>
${body}
</main></body></html>
`;
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (each) => `&#${each.codePointAt(0) ?? 0};`);

/** Apple's form of a certificate with a name. Not signed: the fingerprint is what a person compares. */
function profileOf(root: Uint8Array): string {
  const hash = hashOf(root);
  const uuid = (from: number): string => {
    const part = (at: number, length: number) => hash.slice(from + at, from + at + length);
    return [part(0, 8), part(8, 4), `4${part(13, 3)}`, `8${part(17, 3)}`, part(20, 12)].join('-');
  };
  const entries = (pairs: Readonly<Record<string, string>>): string =>
    Object.entries(pairs)
      .map(([key, value]) => `<key>${key}</key>${value}`)
      .join('');
  const text = (value: string): string => `<string>${value}</string>`;
  const payload = entries({
    PayloadType: text('com.apple.security.root'),
    PayloadVersion: '<integer>1</integer>',
    PayloadIdentifier: text(`tillmesh.screens.${hash.slice(0, 16)}.root`),
    PayloadUUID: text(uuid(0)),
    PayloadDisplayName: text('Tillmesh screens'),
    PayloadCertificateFileName: text('tillmesh-root.crt'),
    PayloadContent: `<data>${Buffer.from(root).toString('base64')}</data>`,
  });
  const profile = entries({
    PayloadType: text('Configuration'),
    PayloadVersion: '<integer>1</integer>',
    PayloadIdentifier: text(`tillmesh.screens.${hash.slice(0, 16)}`),
    PayloadUUID: text(uuid(32)),
    PayloadDisplayName: text('Tillmesh screens'),
    PayloadDescription: text('Trusts the tills of this shop, on its own network.'),
    PayloadContent: `<array><dict>${payload}</dict></array>`,
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>${profile}</dict></plist>
`;
}
