/** `tillmesh register`: one till. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { keepYoungHeapSmall } from '#lib/host/small-heap.ts';
import {
  lanScreensOption,
  listenOption,
  pathOf,
  repeatable,
  withProcessOptions,
} from '../common-options.ts';
import { collectEndpoints, type Endpoint, parseJoin } from '../endpoints.ts';
import { defaultPorts, keySealFile, type RegisterOptions } from '../options.ts';
import { namingPorts } from '../port-options.ts';
import { runProcess, type RunOptions } from '../run-process.ts';
import { programVersion } from '../version.ts';

export function addRegisterCommand(program: Command): void {
  const command = program
    .command('register')
    .description('run a register (till)')
    .option('--data <dir>', 'data directory', pathOf, resolve('data/register'))
    .addOption(
      listenOption('--ui <[host:]port>', 'where the screens and the API listen', {
        host: '127.0.0.1',
        port: defaultPorts.ui,
      }),
    )
    .addOption(
      listenOption('--mesh <[host:]port>', 'where other tills link to', {
        host: '0.0.0.0',
        port: defaultPorts.mesh,
      }),
    )
    .addOption(lanScreensOption())
    .option('--join <code@host:port>', 'enrol with a join code of head office', parseJoin)
    .addOption(repeatable('--peer <host:port>', 'a till or relay to link to', collectEndpoints))
    .option('--no-discovery', 'do not look for tills on the network')
    .option('--no-setup', 'end where the directory has not joined, instead of asking on a page')
    .option('--witness <dir>', 'where the witness of the data directory is kept', pathOf);
  withProcessOptions(command).action(async (given: Given) => {
    const { peer, allowHost, untilStdinCloses, debug, json, setup, ...rest } = given;
    const options: RegisterOptions = {
      ...rest,
      peers: peer,
      allowHosts: allowHost,
      ...keySealFile(process.env),
      version: programVersion(),
    };
    keepYoungHeapSmall();
    const start = async () => {
      const { startRegister } = await import('#lib/register/start.ts');
      const named = {
        '--ui': options.ui,
        '--mesh': options.mesh,
        ...(options.lanScreens && { '--lan-screens': options.lanScreens }),
      };
      return namingPorts(named, async () => {
        if (options.join || !setup) return startRegister(options);
        const { hasJoined, startSetup } = await import('#lib/register/setup.ts');
        return hasJoined(options) ? startRegister(options) : startSetup(options);
      });
    };
    const hosts = { screens: given.ui, links: given.mesh };
    await runProcess(start, { untilStdinCloses, debug, json, hosts });
  });
}

/** What commander hands over: repeatable options have the name of one. */
type Given = Omit<RegisterOptions, 'peers' | 'allowHosts' | 'version'> &
  RunOptions & {
    readonly peer: readonly Endpoint[];
    readonly allowHost: readonly string[];
    readonly setup: boolean;
  };
