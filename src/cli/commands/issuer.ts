/** `tillmesh issuer grant STORE-TERMINAL --terminals FIRST-LAST`: lets a till enrol others while head office is away. */
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { isStoreId, isTerminalId } from '#lib/domain/ids.ts';
import { ApiClient } from '../api-client.ts';
import { type Common, listenOption, pathOf, withCommon } from '../common-options.ts';
import { type Endpoint, urlOf } from '../endpoints.ts';
import { defaultPorts } from '../options.ts';
import { terminal } from '../report.ts';

type Till = { readonly store: string; readonly terminal: string };
type Range = { readonly first: number; readonly last: number };
type Given = Common & { readonly data: string; readonly api: Endpoint; readonly terminals: Range };

export function addIssuerCommand(program: Command): void {
  const issuer = program.command('issuer').description('tills that may enrol others');
  const grant = issuer
    .command('grant')
    .description('let a till enrol others of its store, also while head office is away')
    .argument('<till>', 'the till, as in S01-T1', parseTill)
    .requiredOption(
      '--terminals <first-last>',
      'their numbers, as in 10-19 for T10 to T19',
      parseRange,
    )
    .option('--data <dir>', 'data directory of the relay', pathOf, resolve('data/relay'))
    .addOption(
      listenOption('--api <[host:]port>', 'where the API of the relay listens', {
        host: '127.0.0.1',
        port: defaultPorts.api,
      }),
    );
  withCommon(grant).action(async (till: Till, { data, api, terminals, json }: Given) => {
    const relay = ApiClient.forDirectory(urlOf(api), data);
    const granted = { ...till, ...terminals };
    await relay.post('/api/issuers', granted, z.unknown());
    const text = `${till.store}-${till.terminal} may enrol T${terminals.first} to T${terminals.last} as soon as it has heard of it. There:\n\n  npx tillmesh join-code new\n\n`;
    terminal.out(json ? `${JSON.stringify(granted)}\n` : text);
  });
}

function parseTill(text: string): Till {
  const [store, name, ...more] = text.split('-');
  if (isStoreId(store) && isTerminalId(name) && more.length === 0) return { store, terminal: name };
  throw new InvalidArgumentError(`"${text}" is not like S01-T1.`);
}

function parseRange(text: string): Range {
  const [, first, last] = /^([1-9]\d{0,3})-([1-9]\d{0,3})$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (range.first <= range.last) return range;
  throw new InvalidArgumentError(`"${text}" is not like 10-19.`);
}
