/** The command line put together: one file per command, unknown options and arguments refused everywhere. */
import { Command } from 'commander';
import { addCaCommand } from './commands/ca.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addIssuerCommand } from './commands/issuer.ts';
import { addJoinCodeCommand } from './commands/join-code.ts';
import { addMeshCommand } from './commands/mesh.ts';
import { addRegisterCommand } from './commands/register.ts';
import { addRelayCommand } from './commands/relay.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addReplaceCommand } from './commands/replace.ts';
import { addRevokeCommand } from './commands/revoke.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { programVersion } from './version.ts';

export function buildProgram(): Command {
  const program = new Command('tillmesh')
    .description('A shop network of registers that keep selling, and its head office relay.')
    .version(programVersion())
    .allowExcessArguments(false)
    // `join-code new` has options of the same names as `join-code`.
    .enablePositionalOptions()
    .showHelpAfterError('(tillmesh help shows all commands)')
    // Throws instead of ending the process: `main.ts` decides about the exit code.
    .exitOverride();
  addDemoCommand(program);
  addRelayCommand(program);
  addRegisterCommand(program);
  addJoinCodeCommand(program);
  addIssuerCommand(program);
  addCaCommand(program);
  addRevokeCommand(program);
  addReplaceCommand(program);
  addMeshCommand(program);
  addReplayCommand(program);
  addVerifyCommand(program);
  addDoctorCommand(program);
  return program;
}
