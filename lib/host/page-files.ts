/**
 * The files of the built screens, each read whole before its answer begins. The application would stream them, and a
 * stream that cannot be opened (a build made anew under a running till, no file handle left) ends the process: a file
 * of a page must never stop the selling.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';

/** What the build holds; anything else is left to the application. */
const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

export class PageFiles {
  readonly #root: string;
  /** Paths below the root as addresses say them: a request chooses among these and names no path of its own. */
  readonly #names: ReadonlySet<string>;

  constructor(root: string) {
    this.#root = root;
    this.#names = new Set(namesIn(root));
  }

  /** False: this is no file of the build, and nothing was answered. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = (request.url ?? '').split('?')[0] ?? '';
    const type = contentTypes[extname(path)];
    if (type === undefined || !this.#names.has(path)) return false;
    const accepted = request.headers['accept-encoding'] ?? '';
    const [encoding, ending] = encodings.find(
      ([name, added]) => accepted.includes(name) && this.#names.has(path + added),
    ) ?? [undefined, ''];
    let bytes: Buffer;
    try {
      bytes = await readFile(join(this.#root, path + ending));
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      response.writeHead(isGone ? 404 : 503, { 'cache-control': 'no-store' });
      response.end();
      return true;
    }
    response.writeHead(200, {
      'content-type': type,
      'content-length': bytes.length,
      'cache-control': path.startsWith('/_app/immutable/')
        ? 'public,max-age=31536000,immutable'
        : 'no-cache',
      vary: 'Accept-Encoding',
      ...(encoding !== undefined && { 'content-encoding': encoding }),
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return true;
  }
}

function namesIn(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).map(
      (name) => `/${name.split(sep).join('/')}`,
    );
  } catch {
    // A build without files of its own; the application answers for itself.
    return [];
  }
}
