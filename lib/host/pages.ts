/**
 * Mounts the built SvelteKit application under everything that no route of the API has taken.
 * The build is loaded with the first page that is asked for: a register without a screen starts faster and smaller.
 */
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { doorOf } from './door.ts';
import { PageFiles } from './page-files.ts';

/** Where `npm run build` puts the application. */
export const builtPages = new URL('../../build/handler.js', import.meta.url);

/** adapter-node believes that it is behind https unless a header says otherwise, and refuses forms on plain http. */
const protocolHeader = 'x-tillmesh-protocol';

type Screens = { readonly handler: Handler; readonly files: PageFiles };
type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export function addPages(app: FastifyInstance, handlerFile: URL = builtPages): void {
  let loading: Promise<Screens> | undefined;
  let failures = 0;
  const load = (): Promise<Screens> =>
    (loading ??= loadHandler(handlerFile, failures).catch((error: unknown) => {
      // A build that was not whole yet: whoever asks next tries again.
      loading = undefined;
      failures++;
      throw error;
    }));

  void app.register((scope, _options, done) => {
    // The application reads bodies itself, from the raw request.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    scope.all('/*', async (request, reply) => {
      if (!existsSync(fileURLToPath(handlerFile))) {
        return reply
          .code(503)
          .type('text/plain; charset=utf-8')
          .send('The screens are not built: run "npm run build", then load this page again.\n');
      }
      const { handler, files } = await load();
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      if (await files.answer(request.raw, reply.raw)) return reply;
      // Set, not defaulted: a client must not choose it.
      request.raw.headers[protocolHeader] = doorOf(request.raw).kind === 'lan' ? 'https' : 'http';
      handler(request.raw, reply.raw, () => {
        reply.raw.statusCode = 404;
        reply.raw.end('Not found\n');
      });
      return reply;
    });
    done();
  });
}

/** `failures` before: Node keeps what it could not load under its address. */
async function loadHandler(file: URL, failures: number): Promise<Screens> {
  // The handler reads its environment while it is imported.
  Object.assign(process.env, { PROTOCOL_HEADER: protocolHeader });
  const module: unknown = await import(failures === 0 ? file.href : `${file.href}?${failures}`);
  if (isHandlerModule(module)) {
    const files = new PageFiles(fileURLToPath(new URL('client', file)));
    return { handler: module.handler, files };
  }
  throw new TypeError('build/handler.js has no handler: run "npm run build"');
}

function isHandlerModule(module: unknown): module is { handler: Handler } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'handler' in module &&
    typeof module.handler === 'function'
  );
}
