/** `tillmesh verify DIR`: checks a stopped register's or relay's data against its own signatures and sums. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Common, withCommon } from '../common-options.ts';
import { ownKeysAtRest } from '../keys-at-rest.ts';
import { exitCodes, terminal } from '../report.ts';

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('check chains, signatures, numbers, stock and totals of a data directory')
    .argument('<dir>', 'data directory of a register or relay');
  withCommon(command).action(async (directory: string, { json }: Common) => {
    const { verifyDirectory } = await import('#lib/register/verify.ts');
    const result = await verifyDirectory(resolve(directory), ownKeysAtRest());
    terminal.out(json ? `${JSON.stringify(result)}\n` : `${result.lines.join('\n')}\n`);
    process.exitCode = result.ok ? exitCodes.done : exitCodes.failed;
  });
}
