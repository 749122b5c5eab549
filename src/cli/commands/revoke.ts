/** `tillmesh revoke S01-T2 --reason lost`: asks the relay on this machine to keep a till out of the network for good. */
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { TillmeshError } from '#lib/domain/errors.ts';
import { isStoreId, isTerminalId } from '#lib/domain/ids.ts';
import { revocationReasons, type RevocationReason } from '#lib/domain/revocation-reason.ts';
import { ApiClient } from '../api-client.ts';
import { type Common, listenOption, matching, pathOf, withCommon } from '../common-options.ts';
import { type Endpoint, urlOf } from '../endpoints.ts';
import { defaultPorts } from '../options.ts';
import { terminal } from '../report.ts';

type Given = Common & {
  readonly data: string;
  readonly api: Endpoint;
  readonly reason: RevocationReason;
  readonly key?: string;
};

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
    )
    .option(
      '--key <key>',
      'which of two registers of one name: the beginning of its key',
      matching(/^[0-9a-f]{8,64}$/, 'the key of a terminal, as in 3fa85f64c1d2'),
    )
    .option('--data <dir>', 'data directory of the relay', pathOf, resolve('data/relay'))
    .addOption(
      listenOption('--api <[host:]port>', 'where the API of the relay listens', {
        host: '127.0.0.1',
        port: defaultPorts.api,
      }),
    );
  withCommon(command).action(async (name: string, given: Given) => {
    const [store, terminalId, ...more] = name.split('-');
    if (!isStoreId(store) || !isTerminalId(terminalId) || more.length > 0)
      throw new TillmeshError('INPUT_INVALID', `"${name}" is not like S01-T2`);
    const relay = ApiClient.forDirectory(urlOf(given.api), given.data);
    const { reason, key } = given;
    const ask = { store, terminal: terminalId, reason, ...(key && { terminalKey: key }) };
    const answer = await relay.post('/api/revocations', ask, answerSchema, [409]);
    if (answer.outcome === 'refused')
      throw new TillmeshError('REVOCATION_REFUSED', `${answer.code}: ${answer.message}`);
    const when = new Date(answer.atMs).toISOString();
    const text =
      answer.outcome === 'done'
        ? `${name} is revoked (${reason}): every register and relay that hears of it gives it no link.\n`
        : `${name} was revoked before, at ${when} (${answer.reason}).\n`;
    terminal.out(
      given.json
        ? `${JSON.stringify(answer)}\n`
        : `${text}Its key was ${answer.terminalKey.slice(0, 12)}. What it sold stays counted; a new one may join under the same name:\n\n` +
            `  npx tillmesh join-code ${store} ${terminalId}\n\n`,
    );
  });
}
