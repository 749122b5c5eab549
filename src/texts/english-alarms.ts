/** English texts of alarms, of a revoked till and of letting barred terminals back in. */
import { pluralIn } from './plural.ts';

const plural = pluralIn('en');

/** What a terminal was barred for; a code of a later version is shown as it is. */
const offences: Readonly<Record<string, string>> = {
  ENTRY_FORGED: 'it sent entries that their writer has not signed',
  NOT_THE_WRITER: 'it changed what is not its own',
  CHANGE_NOT_CANONICAL: 'it sent changes in a form that no till writes',
  ENTRY_MALFORMED: 'it sent entries that are none',
  OVER_LIMIT: 'it sent more than its share',
  FRAME_MALFORMED: 'it sent messages that are none',
};

type Said = { readonly title: string; readonly todo: string };

export const alarmTexts = {
  offences,
  title: 'Alarms',
  lead: 'What puts records or the network of the shop in danger until somebody acts. Each goes with its cause.',
  none: 'No alarm. If something is wrong, it stands on every page.',
  all: (count: number) => plural(count, { one: '# alarm', other: 'All # alarms' }),
  since: (time: string) => `Since ${time}`,
  details: 'What to do',
  fold: 'Fold away',
  unfold: (count: number) =>
    plural(count, { one: 'Show # alarm again', other: 'Show # alarms again' }),
  findings: {
    title: 'Changed files of this till',
    lead: 'Selling goes on. Find out who had access to this machine, and tell head office. When a file was looked at, a supervisor says so: it goes from every page, and the journal keeps what was found, who looked, when, and the note.',
    entry: (seq: number) => `from entry ${seq}`,
    looked: 'Looked at',
    lookedOf: (where: string) => `Looked at: ${where}`,
    lookedAll: (count: string) => `All ${count} looked at`,
    askOne: 'Was this looked at?',
    askAll: (count: string) => `Were all ${count} looked at?`,
    leadOne:
      'This one then goes from the pages of this till and from the flags of all; the others stay.',
    leadAll:
      'Nothing is left then: the alarm goes from every page of this till, and the flag from all tills and head office.',
    note: 'What it was, in a few words (may stay empty)',
    confirm: 'Yes, looked at',
    cancel: 'Not yet',
  },
  back: { till: 'Sync', hq: 'Stores' },
  words: {
    fork: (terminal: string): Said => ({
      title: `${terminal} exists twice.`,
      todo: `Two devices have gone on as ${terminal}: one is a copy. Both sides are kept and counted. Find out which device belongs to the shop, let head office revoke ${terminal}, and enrol that device anew.`,
    }),
    forkOwn: (terminal: string): Said => ({
      title: `This till (${terminal}) exists twice.`,
      todo: `Another device has gone on as ${terminal}: one of the two is a copy. Both sides are kept and counted, and selling can go on. Call head office: it revokes ${terminal}, and the device that belongs to the shop is enrolled anew.`,
    }),
    forkSaid: (terminal: string, by: string): Said => ({
      title: `${terminal} exists twice, says ${by}.`,
      todo: `Nothing here proves it. Look for a second device that sells as ${terminal}, and look at ${by}, which says so. If there are two, let head office revoke ${terminal}, and enrol the device that belongs to the shop anew.`,
    }),
    sameName: (terminal: string): Said => ({
      title: `Two devices are ${terminal}.`,
      todo: `Both are let in under this name, and each goes on with a series of its own. Find out which one belongs there; head office revokes the other one on the page of ${terminal}, and lets it in anew under another name.`,
    }),
    sameNameOwn: (terminal: string): Said => ({
      title: `This till and another device are both ${terminal}.`,
      todo: `Selling can go on: each has a series and a cart of its own. Call head office: it revokes the one that should not be ${terminal}, and lets it in anew under another name.`,
    }),
    identityInUse: (by: string): Said => ({
      title: 'Another device is at work as this till.',
      todo: `Says ${by}, and gives this till no link meanwhile. If this device was copied or replaced, stop the one that does not belong here; what was sold on it is kept and flagged.`,
    }),
    revoked: (because: string): Said => ({
      title: 'This till was revoked by head office.',
      todo: `The reason that was given: ${because}. It records nothing more.`,
    }),
    clockOwn: (by: string, others: string): Said => ({
      title: `This till’s clock is ${by} the others: ${others}.`,
      todo: 'Set the clock of this machine, and let it take the time from the network. Receipts show the wrong time, and counts cannot be put in order with sales.',
    }),
    clockOther: (terminal: string, by: string): Said => ({
      title: `The clock of ${terminal} is ${by} the others.`,
      todo: `Set the clock of that machine, and let it take the time from the network.`,
    }),
    clockUnclear: (terminal: string, others: string, by: string): Said => ({
      title: `The clocks of ${terminal} and ${others} differ by ${by}.`,
      todo: 'Which of them is wrong nobody can say from here: compare both with a watch, and set the wrong one.',
    }),
    barred: (terminal: string, offence: string): Said => ({
      title: `${terminal} is barred here.`,
      todo: `Because ${offence}. It gets no link until a person has looked at it and lets it back in.`,
    }),
    foreignWrite: (terminal: string, offence: string, by: string): Said => ({
      title: `What ${terminal} sent was refused.`,
      todo: `By ${by}: ${offence}. Look at that machine; it is let back in at ${by}.`,
    }),
    filesChanged: (terminal: string, sentence: string, where: string): Said => ({
      title: `Files of ${terminal} were changed.`,
      todo: `${sentence} (${where}) Selling goes on there. Find out who had access to that machine; when it was looked at, a supervisor says so at the till.`,
    }),
    damaged: (subject: string): Said => ({
      title: `A file of this till is damaged: ${subject}.`,
      todo: 'What it held comes back from other tills where they have it. Have the disk of this machine looked at.',
    }),
    tampered: (subject: string, sentence: string): Said => ({
      title: sentence,
      todo: `It concerns ${subject}. Selling goes on. Find out who had access to this machine, and tell head office; then a supervisor says under “Alarms” that it was looked at.`,
    }),
    diskFull: (): Said => ({
      title: 'The disk is full: nothing more can be recorded here.',
      todo: 'Free some space on this machine, or sell at another till meanwhile.',
    }),
    someFinding: 'A file of this till was changed by somebody else.',
    unknown: (kind: string): Said => ({
      title: `An alarm that this page has no words for (${kind}).`,
      todo: 'Load the page again; the technical status says more.',
    }),
  },
  /** Before signing in, of this till or of others: what it is, and nothing of who, where and how far. */
  before: {
    own: {
      fork: 'This till exists twice.',
      identityInUse: 'Another device is at work as this till.',
      clock: 'The clock of this machine differs from the others.',
      tampered: 'Files of this till were changed.',
      damaged: 'A file of this till is damaged.',
      diskFull: 'The disk of this machine is full.',
    },
    others: {
      fork: 'A till exists twice.',
      clock: 'A till’s clock is wrong.',
      filesChanged: 'Files of a till were changed.',
    },
    unknown: 'There is an alarm.',
    todo: 'Who signs in sees what to do. Tell a supervisor.',
  },
  hours: (count: number) => plural(count, { one: '# hour', other: '# hours' }),
  days: (count: number) => plural(count, { one: '# day', other: '# days' }),
  ahead: (time: string) => `${time} ahead of`,
  behind: (time: string) => `${time} behind`,
  revoked: {
    heading: 'This till was revoked by head office',
    sentence: (since: string, because: string) =>
      `Since ${since}, because ${because}. Nothing can be sold, taken back, counted or closed here any more.`,
    signIn: (since: string, because: string) =>
      `Head office has revoked this till on ${since}, because ${because}: nothing can be sold here.`,
    reasons: {
      lost: 'it was lost',
      stolen: 'it was stolen',
      replaced: 'another device has taken its place',
      retired: 'it was taken out of service',
      compromised: 'somebody else may have had access to it',
    } as Readonly<Record<string, string>>,
    otherReason: (reason: string) => `of “${reason}”`,
    onlyHere: (count: number) =>
      plural(count, {
        one: '# document exists on this till only.',
        other: '# documents exist on this till only.',
      }),
    onlyHereTodo:
      'They are kept. Nobody gives this till a link any more, so they do not leave it by themselves: do not delete anything, and bring the till to head office.',
    allElsewhere: 'Every document of this till is on another till or at head office.',
    back: 'A revoked till does not come back. To sell on this device, head office makes a new code, and the device joins anew in an empty data directory.',
    read: 'What it holds can still be read:',
  },
  barred: {
    title: 'Barred terminals',
    lead: 'They get no link here. Every till and head office bars for itself, so one that is let back in here may have to be let back in elsewhere, too.',
    why: (offence: string) => `Barred because ${offence}.`,
    pardonOf: (terminal: string) => `Let ${terminal} back in`,
    sure: (terminal: string) =>
      `Has somebody looked at ${terminal}? If it does the same again, it is barred again. Who let it in is recorded.`,
    yes: (terminal: string) => `Yes, let ${terminal} back in`,
    no: 'Leave it out',
    done: (terminal: string) => `${terminal} may link again.`,
  },
} as const;
