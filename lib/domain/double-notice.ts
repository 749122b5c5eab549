/**
 * That head office's relay met two processes at work under one name, at one time: its signed word, because a relay writes no
 * journal. It names the key that is in two hands, and is over when that key was revoked. Nothing is obeyed by it.
 */
import { z } from 'zod';
import { hlcField, incarnationField, storeField } from './fields.ts';
import {
  isTerminalId,
  type Hlc,
  type IncarnationId,
  type StoreId,
  type TerminalId,
} from './ids.ts';
import { terminalKeyField } from './revocation.ts';

const doubleFields = z.looseObject({
  type: z.literal('double'),
  store: storeField,
  terminal: z.custom<TerminalId>(isTerminalId, 'not a terminal'),
  terminalKey: terminalKeyField,
  incarnation: incarnationField,
  /** By the clock of the relay. */
  at: hlcField,
});

export type DoubleNotice = {
  readonly type: 'double';
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly terminalKey: string;
  readonly incarnation: IncarnationId;
  readonly at: Hlc;
};

/** A record of `notices/<store>`; undefined for every other one, and for what is none or speaks of another store. */
export function readDouble(
  fields: Readonly<Record<string, unknown>>,
  of: StoreId,
): DoubleNotice | undefined {
  const read = doubleFields.safeParse(fields);
  if (!read.success || read.data.store !== of) return undefined;
  const { type, store, terminal, terminalKey, incarnation, at } = read.data;
  return { type, store, terminal, terminalKey, incarnation, at };
}
