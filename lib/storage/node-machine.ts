/** This machine's identity as the operating system tells it. What it does not tell is absent, never guessed. */
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import type { MachineIdentity, MachineIdentitySource } from './binding.ts';
import type { Disk } from './disk.ts';

/** How to ask for an id, by `process.platform`; the first group of `pattern` is the id. */
const commands: Readonly<Record<string, { file: string; args: string[]; pattern: RegExp }>> = {
  darwin: {
    file: '/usr/sbin/ioreg',
    args: ['-rd1', '-c', 'IOPlatformExpertDevice'],
    pattern: /"IOPlatformUUID" = "([0-9A-Fa-f-]{36})"/,
  },
  win32: {
    file: 'reg.exe',
    args: ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid', '/reg:64'],
    pattern: /MachineGuid\s+REG_SZ\s+([0-9A-Fa-f-]{36})/,
  },
};
const commandTimeoutMs = 3_000;

export class NodeMachine implements MachineIdentitySource {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  read(directory: string): MachineIdentity {
    const stat = this.#disk.stat(directory);
    const id = this.#systemId();
    return {
      ...(id === undefined ? {} : { machineId: hashed(id) }),
      ...(stat === undefined || stat.inode === '' ? {} : { directoryInode: stat.inode }),
      ...(stat === undefined || stat.bornMs <= 0 ? {} : { directoryBornMs: stat.bornMs }),
    };
  }

  #systemId(): string | undefined {
    try {
      const command = commands[process.platform];
      if (command === undefined) {
        const text = new TextDecoder().decode(this.#disk.read('/etc/machine-id'));
        return /^([0-9a-f]{32})\s*$/.exec(text)?.[1];
      }
      const output = execFileSync(command.file, command.args, {
        encoding: 'utf8',
        timeout: commandTimeoutMs,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return command.pattern.exec(output)?.[1];
    } catch {
      // A machine that does not tell its id is one without an id.
      return undefined;
    }
  }
}

/** The system's id is not for publication (machine-id(5)): only an id of our own made from it is kept. */
function hashed(id: string): string {
  return hash('sha256', `tillmesh/1/machine/${id.toLowerCase()}`).slice(0, 32);
}
