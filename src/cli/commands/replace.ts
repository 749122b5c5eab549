/**
 * `tillmesh replace S01-T2 --reason lost`: asks the relay on this machine to keep a till out for good and to let another one
 * in under its name, in one step that may be repeated; prints what to do at the new machine.
 */
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { catalogue, TillmeshError } from '#lib/domain/errors.ts';
import { revocationReasons, type RevocationReason } from '#lib/domain/revocation-reason.ts';
import { withCommon } from '../common-options.ts';
import { parseEndpoint, type Endpoint } from '../endpoints.ts';
import { terminal } from '../report.ts';
import { readRevoking, type RevokingGiven, withRevokingOptions } from '../revoking-options.ts';
import { joinAddress, relayAt } from './join-code.ts';

type Given = RevokingGiven & { readonly at?: Endpoint };

const old = { terminalKey: z.string(), reason: z.string(), atMs: z.number() };
const answerSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.enum(['done', 'repeated']),
    code: z.string(),
    expiresAt: z.string(),
    ...old,
  }),
  z.object({ outcome: z.literal('joined'), joinedKey: z.string(), ...old }),
  z.object({ outcome: z.literal('revokedOnly'), problem: z.string(), ...old }),
  z.object({ outcome: z.literal('refused'), code: z.string(), message: z.string() }),
]);
type Answer = z.infer<typeof answerSchema>;

export function addReplaceCommand(program: Command): void {
  const command = program
    .command('replace')
    .description('keep a lost or dead register out for good, and make the code for the new one')
    .argument('<terminal>', 'store and terminal, as in S01-T2')
    .addOption(
      new Option('--reason <reason>', 'why')
        .choices([...revocationReasons])
        .default('replaced' satisfies RevocationReason),
    );
  withRevokingOptions(
    command,
    'which of several registers of one name goes: the beginning of its key',
  ).option(
    '--at <host:port>',
    'where registers reach the relay (default: the name of this machine, and its usual sync port)',
    parseEndpoint,
  );
  withCommon(command).action(async (name: string, given: Given) => {
    const { relay, ask } = readRevoking(name, given);
    const answer = await relay.post('/api/replacements', ask, answerSchema, [409]);
    if (answer.outcome === 'refused')
      throw new TillmeshError('REVOCATION_REFUSED', `${answer.code}: ${answer.message}`);
    const at = joinAddress(given.at ?? relayAt(given.api));
    terminal.out(given.json ? `${JSON.stringify(answer)}\n` : sentences(name, answer, at));
  });
}

function sentences(
  name: string,
  answer: Exclude<Answer, { outcome: 'refused' }>,
  at: string,
): string {
  const when = new Date(answer.atMs).toISOString();
  const gone =
    answer.outcome === 'done'
      ? `${name} is revoked (${answer.reason}). Its key was ${answer.terminalKey.slice(0, 12)}; what it sold stays counted.\n`
      : `${name} was revoked at ${when} (${answer.reason}); its key was ${answer.terminalKey.slice(0, 12)}.\n`;
  if (answer.outcome === 'joined')
    return (
      `${gone}Another register has joined in its place (key ${answer.joinedKey.slice(0, 12)}): nothing is left to do.\n` +
      `If that one never comes, replace it with --key ${answer.joinedKey.slice(0, 12)}.\n`
    );
  if (answer.outcome === 'revokedOnly') {
    const why = Object.hasOwn(catalogue, answer.problem)
      ? catalogue[answer.problem as keyof typeof catalogue]
      : answer.problem;
    return `${gone}There is no code yet: ${why} Then give the same command again.\n`;
  }
  const { code, expiresAt } = answer;
  return (
    `${gone}${code}\nFor the machine that takes its place, once, until ${expiresAt}. There, either start\n\n` +
    `  npx tillmesh register\n\nand type ${code}@${at} on the page that it names, or\n\n` +
    `  npx tillmesh register --join ${code}@${at}\n\n`
  );
}
