/** `tillmesh doctor`: looks at this machine, a data directory and the way to the relay, and says what to do. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { machineClock } from '#lib/host/machine-clock.ts';
import { type Common, listenOption, pathOf, withCommon } from '../common-options.ts';
import { type Endpoint, parseEndpoint } from '../endpoints.ts';
import { defaultPorts } from '../options.ts';
import { ownKeysAtRest } from '../keys-at-rest.ts';
import { exitCodes, terminal } from '../report.ts';

type Given = Common & {
  readonly data: string;
  readonly ui: Endpoint;
  readonly mesh: Endpoint;
  readonly api: Endpoint;
  readonly sync: Endpoint;
  readonly relay?: Endpoint;
};

const ports = ['ui', 'mesh', 'api', 'sync'] as const;

export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description('check this machine, a data directory and the way to the relay')
    .option('--data <dir>', 'data directory', pathOf, resolve('data/register'))
    .option('--relay <host:port>', 'sync port of the relay', parseEndpoint);
  for (const name of ports) {
    const host = name === 'ui' || name === 'api' ? '127.0.0.1' : '0.0.0.0';
    const fallback = { host, port: defaultPorts[name] };
    command.addOption(listenOption(`--${name} <[host:]port>`, `${name} port to check`, fallback));
  }
  withCommon(command).action(async (given: Given) => {
    const { checkDatabase, checkNode, checkPages, checkPort } =
      await import('../doctor/machine.ts');
    const { checkDataDirectory } = await import('../doctor/data-directory.ts');
    const { checkRelay } = await import('#lib/host/checks/reach.ts');
    const { formatFindings, inWords } = await import('../doctor/finding.ts');
    const findings = [
      checkNode(process.version),
      ...checkDataDirectory(given.data, machineClock.wallMs(), ownKeysAtRest()),
      ...(await Promise.all(ports.map((name) => checkPort(name, given[name])))),
      await checkDatabase(),
      checkPages(),
      ...(given.relay
        ? (await checkRelay(given.relay, () => machineClock.wallMs())).map(inWords)
        : []),
    ];
    const healthy = findings.every(({ state }) => state !== 'fail');
    terminal.out(
      given.json
        ? `${JSON.stringify({ ok: healthy, findings })}\n`
        : `${formatFindings(findings)}\n`,
    );
    process.exitCode = healthy ? exitCodes.done : exitCodes.failed;
  });
}
