import { describe, expect, test } from 'vitest';
import { type FakeHq, fakeHqServices } from '#lib/host/fake-hq-services.ts';
import type { HqTerminal } from '#lib/host/hq-terminals.ts';
import { isReplacing, replacementSteps } from './replacement-steps.ts';
import { enrolledWord, revocationWord, shortKey, whatFollows } from './terminal-words.ts';

const of = async (hq: FakeHq, terminal: string): Promise<HqTerminal> => {
  const found = await hq.terminal('max', 'S01' as never, terminal as never);
  if (!found) throw new Error(terminal);
  return found;
};
const states = (terminal: HqTerminal) => replacementSteps(terminal).map(({ state }) => state);
const ask = { store: 'S01', terminal: 'T2', reason: 'lost' } as never;

describe('how far a replacement is', () => {
  test('from the revocation to the first sale', async () => {
    const hq = fakeHqServices();
    const now = () => of(hq, 'T2');
    expect([isReplacing(await now()), states(await now())]).toEqual([false, []]);
    await hq.replace('max', ask);
    expect(isReplacing(await now())).toBe(true);
    expect(states(await now())).toEqual(['done', 'now', 'open', 'open']);
    expect(replacementSteps(await now())[1]?.text).toContain('The new one can join until');
    hq.join('S01-T2', 500);
    expect(states(await now())).toEqual(['done', 'done', 'now', 'open']);
    hq.restore('S01-T2', 0);
    expect(states(await now())).toEqual(['done', 'done', 'done', 'now']);
    hq.sell('S01-T2', 100);
    expect([isReplacing(await now()), states(await now())]).toEqual([
      false,
      ['done', 'done', 'done', 'done'],
    ]);
  });

  test('without a code it says so, and that it does not know while the database is away', async () => {
    const hq = fakeHqServices();
    await hq.revoke('max', ask);
    const join = async () => replacementSteps(await of(hq, 'T2'))[1]?.text;
    expect(await join()).toContain('No code is open');
    hq.reach(false);
    expect(await join()).toContain('is not known');
  });

  test('a new one that is not linked: nothing is claimed of what it has', async () => {
    const hq = fakeHqServices();
    await hq.replace('max', ask);
    hq.join('S01-T2', 0);
    const terminal = await of(hq, 'T2');
    const [first, ...others] = terminal.devices;
    const { missingThere: _, ...away } = first ?? {};
    const steps = replacementSteps({ ...terminal, devices: [away as never, ...others] });
    expect(steps[2]).toMatchObject({ state: 'now', text: expect.stringContaining('not known') });
  });
});

describe('what is said before it is done', () => {
  test.each([
    ['lost', true],
    ['stolen', true],
    ['compromised', true],
    ['replaced', false],
    ['retired', false],
  ] as const)('%s: those that it let in go with it: %s', async (reason, reaches) => {
    const [device] = (await of(fakeHqServices(), 'T1')).devices;
    if (!device) throw new Error('no device');
    const text = whatFollows(device, 'S01-T1', reason).join('\n');
    expect(text.includes('go as well, because nobody can say')).toBe(reaches);
    expect(text.includes('Tills that it let in stay: T3.')).toBe(!reaches);
    expect(text.includes('PINs')).toBe(reaches);
    expect(text).toContain('What is left of T3 to T9 is lost.');
    expect(text).toContain('S01-T1 is linked');
    const away = whatFollows({ ...device, linked: false, notHere: 2 }, 'S01-T1', reason).join('\n');
    expect(away).toContain('can go on selling on it until it meets');
    expect(away).toContain('2 entries of it are not at head office');
  });

  test('who let it in, who kept it out', () => {
    const at = Date.UTC(2026, 10, 20, 12);
    expect(enrolledWord({ kind: 'till', tillKey: 'x' }, at)).toContain('nobody knows any more');
    const revocation = { reason: 'eaten', atMs: at, ofKey: 'k', beyond: 0, beyondDocuments: [] };
    expect(revocationWord(revocation)).toMatch(/^eaten, .* · who asked is not known$/);
    expect(revocationWord({ ...revocation, reason: 'lost', by: 'api', with: 'S01-T1' })).toMatch(
      /^Lost, .* · with S01-T1, which had let it in · by command or API$/,
    );
    expect(shortKey('0123456789abcdef')).toBe('0123 4567 89ab');
  });
});
