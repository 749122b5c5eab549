/** Looks for real secrets in whatever a shop leaves behind: as they are and in every usual encoding. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export type Secret = {
  readonly name: string;
  /** The bytes that nobody may find: text as UTF-8, a key as its 32 bytes. */
  readonly bytes: Buffer;
  /** Paths below a data directory that hold it by right. */
  readonly kept: readonly string[];
};

export const secretText = (name: string, text: string, ...kept: readonly string[]): Secret => ({
  name,
  bytes: Buffer.from(text),
  kept,
});

/** The private half of an Ed25519 key in PEM: its last 32 bytes are the key. */
export function secretKey(name: string, pem: string, ...kept: readonly string[]): Secret {
  const [, base64 = ''] = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(pem) ?? [];
  const bytes = Buffer.from(base64, 'base64').subarray(-32);
  if (bytes.length !== 32) throw new Error(`no key in ${name}`);
  return { name, bytes, kept };
}

/** The same secret as it may lie about; base64 looks different at each of three places in what was encoded. */
export function encodingsOf({ bytes }: Secret): ReadonlyMap<string, Buffer> {
  const forms = new Map<string, Buffer>([
    ['as it is', bytes],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['HEX', Buffer.from(bytes.toString('hex').toUpperCase())],
    ['UTF-16', Buffer.from(bytes.toString('latin1'), 'utf16le')],
  ]);
  for (const before of [0, 1, 2]) {
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + bytes.length) * 8) / 6);
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(from, to);
    forms.set(`base64 at ${before}`, Buffer.from(text));
    forms.set(
      `base64url at ${before}`,
      Buffer.from(text.replaceAll('+', '-').replaceAll('/', '_')),
    );
  }
  return forms;
}

/** Larger files are no PEM. */
const pemBytes = 256 * 1024;

export class SecretHunt {
  readonly secrets: Secret[] = [];
  readonly #forms = new Map<Secret, readonly (readonly [string, Buffer])[]>();

  /** `forms`: how many of the encodings are looked for, the plain one first. */
  constructor(forms = Number.POSITIVE_INFINITY) {
    this.#most = forms;
  }
  readonly #most: number;

  #formsOf(secret: Secret): readonly (readonly [string, Buffer])[] {
    const forms = this.#forms.get(secret) ?? [...encodingsOf(secret)].slice(0, this.#most);
    this.#forms.set(secret, forms);
    return forms;
  }

  /** `where: which secret, how`; a PEM's line breaks hide nothing. */
  in(where: string, content: Buffer | string, kept: string = where): string[] {
    const raw = Buffer.isBuffer(content) ? content : Buffer.from(content);
    const unfolded = raw.toString('latin1', 0, raw.length > pemBytes ? 0 : raw.length);
    const contents = [raw, Buffer.from(unfolded.replace(/\\n|[\r\n]/g, ''), 'latin1')];
    const found: string[] = [];
    for (const secret of this.secrets) {
      if (secret.kept.includes(kept)) continue;
      for (const [how, form] of this.#formsOf(secret))
        if (contents.some((each) => each.includes(form)))
          found.push(`${where}: ${secret.name}, ${how}`);
    }
    return found;
  }

  /** Every file below a directory, but for those whose path begins with one of `without`. */
  below(directory: string, without: readonly string[] = []): { files: number; found: string[] } {
    const found: string[] = [];
    let files = 0;
    for (const path of filesBelow(directory)) {
      const name = relative(directory, path);
      if (without.some((prefix) => name.startsWith(prefix))) continue;
      files++;
      found.push(...this.in(path, readFileSync(path), name));
    }
    return { files, found };
  }
}

export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Every process of this machine whose command line can be read. */
export function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

export const modeOf = (path: string): number => statSync(path).mode & 0o777;
