/** `tillmesh ca`: the company's root key, on the relay's machine and while the relay is stopped. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { TillmeshError } from '#lib/domain/errors.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { lockDirectory } from '#lib/storage/directory-lock.ts';
import { claimDirectory } from '#lib/storage/directory-version.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { recoveryPath, rotateAuthority } from '#lib/trust/authority-store.ts';
import { type Common, pathOf, withCommon } from '../common-options.ts';
import { ownKeysAtRest } from '../keys-at-rest.ts';
import { terminal } from '../report.ts';

type Given = Common & { readonly data: string; readonly passphraseFile?: string };

export function addCaCommand(program: Command): void {
  const ca = program.command('ca').description('the keys that stand behind all tills');
  const rotate = ca
    .command('rotate')
    .description('make a new key that signs new registers; the others stay enrolled')
    .option(
      '--data <dir>',
      'data directory of the relay, which must be stopped',
      pathOf,
      resolve('data/relay'),
    )
    .option(
      '--passphrase-file <file>',
      'where the recovery passphrase is (default: it is asked for)',
      pathOf,
    );
  withCommon(rotate).action(async ({ data, passphraseFile, json }: Given) => {
    if (!nodeDisk.stat(data)) throw new TillmeshError('DIRECTORY_EMPTY', data);
    claimDirectory(nodeDisk, data, 'relay');
    const lock = lockDirectory(data);
    try {
      const { authority, isNewlySealed } = await rotateAuthority(nodeDisk, data, {
        random: (length) => new Uint8Array(randomBytes(length)),
        nowMs: machineClock.wallMs(),
        keys: ownKeysAtRest(),
        passphrase: () => askPassphrase(passphraseFile),
      });
      const recovery = isNewlySealed ? recoveryPath(data) : undefined;
      const result = { company: authority.company, ...(recovery && { recovery }) };
      const text =
        recovery === undefined
          ? ''
          : `Print the recovery passphrase, then delete its file: ${recovery}\n`;
      terminal.out(
        json
          ? `${JSON.stringify(result)}\n`
          : `New registers of ${authority.company} get a new key from now on.\n${text}`,
      );
    } finally {
      lock.release();
    }
  });
}

/** Typed from paper, so it is shown while it is typed. */
async function askPassphrase(file: string | undefined): Promise<string> {
  if (file !== undefined) return readFileSync(file, 'utf8').trim();
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question('Recovery passphrase of the company: ');
  } finally {
    lines.close();
  }
}
