/** Options that several commands share, so that they are spelled and explained the same everywhere. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Endpoint, listenOn } from './endpoints.ts';
import { defaultPorts, type LogLevel, logLevels } from './options.ts';

export type Common = { readonly json: boolean; readonly debug: boolean };

export function withCommon(command: Command): Command {
  return command
    .option('--json', 'print the result as one JSON object', false)
    .option('--debug', 'show where an error came from', false);
}

/** For `relay` and `register`: whose ready line is JSON anyway unless a person looks on. */
export function withProcessOptions(command: Command): Command {
  return command
    .addOption(
      repeatable('--allow-host <name>', 'another name under which browsers reach it', collect),
    )
    .addOption(
      new Option('--log-level <level>', 'how much goes to the log file')
        .choices([...logLevels])
        .default('info' satisfies LogLevel),
    )
    .option('--json', 'print the ready line as JSON, also to a terminal', false)
    .option('--debug', 'show where an error came from', false)
    .addOption(new Option('--until-stdin-closes').default(false).hideHelp());
}

/** A path as typed, made absolute. Not `resolve` itself: commander passes the default as a second argument. */
export function pathOf(text: string): string {
  return resolve(text);
}

export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

/** Addresses alone: a name could lead elsewhere tomorrow. */
export function collectAddresses(text: string, before: readonly string[]): readonly string[] {
  if (isIP(text) === 0) throw new InvalidArgumentError('not an IP address');
  return [...before, text];
}

/** An option for where to listen, whose default is shown as it would be typed. */
export function listenOption(flags: string, description: string, fallback: Endpoint): Option {
  return new Option(flags, description)
    .argParser(listenOn(fallback.host))
    .default(fallback, `${fallback.host}:${fallback.port}`);
}

/** Off unless it is given; without a value on the usual port of every address. */
export const lanScreensOption = (): Option =>
  new Option(
    '--lan-screens [[host:]port]',
    `open the screens to phones and tablets of the shop, over https (port ${defaultPorts.lan})`,
  )
    .preset(String(defaultPorts.lan))
    .argParser(listenOn('0.0.0.0'));

/** An option that may be given several times. */
export function repeatable<Value>(
  flags: string,
  description: string,
  add: (text: string, before: readonly Value[]) => readonly Value[],
): Option {
  return new Option(flags, `${description} (repeatable)`).argParser(add).default([], 'none');
}

/** A whole number within bounds. */
export function countBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d{1,9}$/.test(text) && count >= least && count <= most) return count;
    throw new InvalidArgumentError(`"${text}" is not a whole number from ${least} to ${most}.`);
  };
}

export function matching(shape: RegExp, example: string): (text: string) => string {
  return (text) => {
    if (shape.test(text)) return text;
    throw new InvalidArgumentError(`"${text}" does not look like ${example}.`);
  };
}
