/** `tillmesh relay`: head office. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  collectAddresses,
  listenOption,
  pathOf,
  repeatable,
  withProcessOptions,
} from '../common-options.ts';
import { collectEndpoints, type Endpoint, listenOn } from '../endpoints.ts';
import { defaultPorts, keySealFile, readEnvironment, type RelayOptions } from '../options.ts';
import { namingPorts } from '../port-options.ts';
import { programVersion } from '../version.ts';
import { runProcess, type RunOptions } from '../run-process.ts';

export function addRelayCommand(program: Command): void {
  const command = program
    .command('relay')
    .description('run the head office relay with its archive')
    .option('--data <dir>', 'data directory', pathOf, resolve('data/relay'))
    .addOption(
      listenOption('--api <[host:]port>', 'where the screens and the API listen', {
        host: '127.0.0.1',
        port: defaultPorts.api,
      }),
    )
    .option(
      '--sync <[host:]port>',
      `where registers link to (default: SYNC_LISTEN_PORT or ${defaultPorts.sync})`,
      listenOn('0.0.0.0'),
    )
    .option(
      '--database-url <url>',
      'a PostgreSQL server (default: DATABASE_URL, or a database of its own)',
    )
    .addOption(repeatable('--peer <host:port>', 'another relay to link to', collectEndpoints))
    .addOption(
      repeatable(
        '--trusted-proxy <address>',
        'a proxy in front of the screens, whose X-Forwarded-For tells clients apart',
        collectAddresses,
      ),
    );
  withProcessOptions(command).action(async (given: Given) => {
    const { peer, allowHost, trustedProxy, sync, databaseUrl, ...others } = given;
    const { untilStdinCloses, debug, json, ...rest } = others;
    const start = async () => {
      const environment = readEnvironment({
        ...process.env,
        ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      });
      const options: RelayOptions = {
        ...rest,
        sync: sync ?? { host: '0.0.0.0', port: environment.syncPort ?? defaultPorts.sync },
        ...(environment.databaseUrl !== undefined && { databaseUrl: environment.databaseUrl }),
        peers: peer,
        allowHosts: allowHost,
        trustedProxies: trustedProxy,
        ...keySealFile(process.env),
        version: programVersion(),
      };
      const { startRelay } = await import('#relay/start.ts');
      return namingPorts({ '--api': options.api, '--sync': options.sync }, () =>
        startRelay(options),
      );
    };
    const hosts = { screens: given.api, links: sync ?? { host: '0.0.0.0', port: 0 } };
    await runProcess(start, { untilStdinCloses, debug, json, hosts });
  });
}

type Given = Omit<RelayOptions, 'peers' | 'allowHosts' | 'trustedProxies' | 'sync' | 'version'> &
  RunOptions & {
    readonly sync?: Endpoint;
    readonly peer: readonly Endpoint[];
    readonly allowHost: readonly string[];
    readonly trustedProxy: readonly string[];
  };
