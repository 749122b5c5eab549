/** `tillmesh verify DIR`: checks a stopped register's or relay's data against its own signatures and sums. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { witnessPlace } from '#lib/storage/witness-place.ts';
import { type Common, pathOf, withCommon } from '../common-options.ts';
import { ownKeysAtRest } from '../keys-at-rest.ts';
import { exitCodes, terminal } from '../report.ts';

type Options = Common & { readonly witness?: string; readonly against?: readonly string[] };

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('check chains, signatures, numbers, stock and totals of a data directory')
    .argument('<dir>', 'data directory of a register or relay')
    .option('--witness <dir>', 'where the witness of the data directory is kept', pathOf)
    .option(
      '--against <dir...>',
      'directories of other tills, of the relay, or backups to compare with',
    );
  withCommon(command).action(async (directory: string, { json, witness, against }: Options) => {
    const { verifyDirectory } = await import('#lib/register/verify.ts');
    const result = await verifyDirectory(resolve(directory), {
      witness: witness ?? witnessPlace(),
      keys: ownKeysAtRest(),
      against: (against ?? []).map((other) => resolve(other)),
    });
    terminal.out(json ? `${JSON.stringify(result)}\n` : `${result.lines.join('\n')}\n`);
    process.exitCode = result.ok ? exitCodes.done : exitCodes.failed;
  });
}
