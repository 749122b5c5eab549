/**
 * The one-time code by which head office lets a terminal join: `7QZK-3M8V-A1XW-9T0R`, said on the phone and typed by hand.
 * Four characters name the code, twelve (60 bits) are its secret. The secret itself is kept nowhere.
 */
import { scryptSync } from 'node:crypto';
import { limits } from '../domain/limits.ts';
import type { RandomBytes } from './keys.ts';
import { inGroups, readSpoken, spokenText } from './spoken.ts';

/** The first four characters: they say which code is meant, and are no secret. */
export type JoinCodeId = string;

export type JoinCode = { readonly id: JoinCodeId; readonly secret: string };

const idCharacters = 4;
const codeCharacters = 16;

/** A code from 80 random bits. Where the id is in use already, ask again. */
export const newJoinCode = (random: RandomBytes): JoinCode =>
  split(spokenText(random, codeCharacters));

/** As it is shown: groups of four. */
export const formatJoinCode = ({ id, secret }: JoinCode): string => inGroups(id + secret);

/** Takes what people type: any case, O for 0, I and L for 1, blanks and dashes anywhere. Undefined for anything else. */
export function parseJoinCode(text: string): JoinCode | undefined {
  const characters = readSpoken(text, codeCharacters);
  return characters === undefined ? undefined : split(characters);
}

export const isJoinCodeId = (text: string): text is JoinCodeId =>
  /^[0-9A-HJKMNP-TV-Z]{4}$/.test(text);

/** What `--join` takes: `CODE@host:port`, IPv6 hosts in brackets; the port may be left out. */
export function parseJoinTarget(
  text: string,
  defaultPort: number,
): { readonly code: JoinCode; readonly host: string; readonly port: number } | undefined {
  const at = text.indexOf('@');
  const code = parseJoinCode(text.slice(0, Math.max(at, 0)));
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253}))(?::([0-9]{1,5}))?$/.exec(
      text.slice(at + 1),
    ) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (code === undefined || host === undefined || port < 1 || port > 65_535) return undefined;
  return { code, host, port };
}

/**
 * The key by which both ends prove that they know the secret (32 bytes). Head office stores this and not the secret:
 * a proof can be checked with it, the code cannot be read from it. scrypt (4 MB, ~9 ms) and not a plain hash,
 * because a man in the middle gets one proof to try secrets against for as long as the code lives.
 */
export function joinKeyOf({ id, secret }: JoinCode): Uint8Array {
  const salt = `tillmesh/1/join-code/${id}`;
  return new Uint8Array(scryptSync(secret, salt, 32, { N: 4_096, r: 8, p: 1 }));
}

export const joinCodeExpiryMs = (nowMs: number): number => nowMs + limits.joinCodeMinutes * 60_000;

function split(characters: string): JoinCode {
  return { id: characters.slice(0, idCharacters), secret: characters.slice(idCharacters) };
}
