/** `tillmesh revoke S01-T2 --reason lost`: asks the relay on this machine to keep a till out of the network for good. */
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { TillmeshError } from '#lib/domain/errors.ts';
import { revocationReasons } from '#lib/domain/revocation-reason.ts';
import { withCommon } from '../common-options.ts';
import { terminal } from '../report.ts';
import { readRevoking, type RevokingGiven, withRevokingOptions } from '../revoking-options.ts';

const answerSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.enum(['done', 'repeated']),
    store: z.string(),
    terminal: z.string(),
    terminalKey: z.string(),
    reason: z.string(),
    atMs: z.number(),
  }),
  z.object({ outcome: z.literal('refused'), code: z.string(), message: z.string() }),
]);

export function addRevokeCommand(program: Command): void {
  const command = program
    .command('revoke')
    .description('keep a lost, stolen or retired register out of the network for good')
    .argument('<terminal>', 'store and terminal, as in S01-T2')
    .addOption(
      new Option('--reason <reason>', 'why').choices([...revocationReasons]).makeOptionMandatory(),
    );
  withRevokingOptions(command, 'which of two registers of one name: the beginning of its key');
  withCommon(command).action(async (name: string, given: RevokingGiven) => {
    const { relay, ask } = readRevoking(name, given);
    const answer = await relay.post('/api/revocations', ask, answerSchema, [409]);
    if (answer.outcome === 'refused')
      throw new TillmeshError('REVOCATION_REFUSED', `${answer.code}: ${answer.message}`);
    const when = new Date(answer.atMs).toISOString();
    const text =
      answer.outcome === 'done'
        ? `${name} is revoked (${ask.reason}): every register and relay that hears of it gives it no link.\n`
        : `${name} was revoked before, at ${when} (${answer.reason}).\n`;
    terminal.out(
      given.json
        ? `${JSON.stringify(answer)}\n`
        : `${text}Its key was ${answer.terminalKey.slice(0, 12)}. What it sold stays counted; a new one may join under the same name:\n\n` +
            `  npx tillmesh join-code ${ask.store} ${ask.terminal}\n\n`,
    );
  });
}
