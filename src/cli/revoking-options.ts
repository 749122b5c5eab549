/** What `revoke` and `replace` ask for alike: which register is meant, why, and where the relay of this machine is. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TillmeshError } from '#lib/domain/errors.ts';
import { isStoreId, isTerminalId } from '#lib/domain/ids.ts';
import type { RevocationReason } from '#lib/domain/revocation-reason.ts';
import { ApiClient } from './api-client.ts';
import { type Common, listenOption, matching, pathOf } from './common-options.ts';
import { type Endpoint, urlOf } from './endpoints.ts';
import { defaultPorts } from './options.ts';

export type RevokingGiven = Common & {
  readonly data: string;
  readonly api: Endpoint;
  readonly reason: RevocationReason;
  readonly key?: string;
};

/** `whichKey`: what the key is for, in the words of the command. */
export const withRevokingOptions = (command: Command, whichKey: string): Command =>
  command
    .option(
      '--key <key>',
      whichKey,
      matching(/^[0-9a-f]{8,64}$/, 'the key of a terminal, as in 3fa85f64c1d2'),
    )
    .option('--data <dir>', 'data directory of the relay', pathOf, resolve('data/relay'))
    .addOption(
      listenOption('--api <[host:]port>', 'where the API of the relay listens', {
        host: '127.0.0.1',
        port: defaultPorts.api,
      }),
    );

/** Throws INPUT_INVALID for a name that is not like S01-T2. */
export function readRevoking(name: string, { api, data, reason, key }: RevokingGiven) {
  const [store, terminal, ...more] = name.split('-');
  if (!isStoreId(store) || !isTerminalId(terminal) || more.length > 0)
    throw new TillmeshError('INPUT_INVALID', `"${name}" is not like S01-T2`);
  return {
    relay: ApiClient.forDirectory(urlOf(api), data),
    ask: { store, terminal, reason, ...(key && { terminalKey: key }) },
  };
}
