/**
 * The one catalogue of faults: a code, a message, and what the reader can do.
 * A refusal (an expected no) is a value, not one of these: see `refusals.ts`.
 */
export const catalogue = {
  // Storage
  DISK_FULL: 'The disk is full: free some space; nothing was recorded.',
  DISK_REFUSED:
    'The disk refused and nothing was recorded: check the permissions of the data directory and the disk.',
  DISK_FAILED:
    'The disk did not confirm a write: this process stops; check the disk, then start again.',
  FILE_DAMAGED: 'A file is damaged and was set aside; its contents come back from peers.',
  DIRECTORY_LOCKED:
    'The data directory is in use by another process: stop that one, or name another directory with --data.',
  DIRECTORY_NEWER:
    'The data directory was written by a newer version: install that version or a later one.',
  DIRECTORY_EMPTY:
    'No till or relay has its data in this directory: check the path, or start one with it first.',
  DIRECTORY_FOREIGN:
    'The data directory does not belong to this command: name another with --data.',
  // Trust
  NOT_ENROLLED:
    'This data directory has not joined a network: start once with --join CODE@host:port.',
  ALREADY_ENROLLED:
    'This data directory has joined a network before, and the join code was not used: start without --join, or name another directory with --data.',
  BEGINNING_ANEW: 'This till begins a new series of numbers: try again in a moment.',
  CERTIFICATE_UNTRUSTED: 'The certificate chain does not lead to this company’s CA.',
  CERTIFICATE_MALFORMED: 'The certificate is not one of this network’s.',
  PASSPHRASE_WRONG:
    'The recovery passphrase does not open the company’s root key: check every character of the line on the paper.',
  KEY_SEALED:
    'The keys of this data directory are closed under a key seal that is not here: start with the one of this machine (TILLMESH_KEY_SEAL), or replace this till.',
  KEY_SEAL_UNUSABLE: 'The file of the key seal cannot be used: check TILLMESH_KEY_SEAL.',
  JOIN_CODE_WRONG: 'The join code is wrong: ask head office for a new one.',
  JOIN_CODE_USED: 'The join code was used already: ask head office for a new one.',
  JOIN_CODE_EXPIRED: 'The join code has expired: ask head office for a new one.',
  JOIN_CODE_VOID:
    'The join code is void: it was withdrawn, or a newer one was made. Use the newer one, or ask head office.',
  NAME_IN_USE:
    'A till of this name is let in already: put the other machine in its place with "tillmesh replace", or with “Replace this till” on head office’s pages.',
  JOIN_UNREACHABLE: 'The relay could not be reached: check the address, the port and the network.',
  JOIN_NOT_HQ:
    'Whoever answered there is not head office: check the address, and who is on this network.',
  JOIN_TOO_OFTEN: 'Too many tries to join: wait a minute, then try again.',
  ENROLLING_NOT_GRANTED:
    'This till may not enrol others: head office lets it with "tillmesh issuer grant".',
  ENROLLING_USED_UP:
    'This till has used up its numbers: ask head office for a further range, or wait until a code that was not used has expired.',
  ENROLLING_TAKEN:
    'Some of these terminals are there already, or were promised: name a range that nobody has.',
  ENROLLING_ELSEWHERE:
    'A till of the store gives this number: make the join code there with "tillmesh join-code new".',
  TERMINAL_REVOKED:
    'Head office has revoked the key of this terminal: join once more in an empty data directory, with a new code.',
  REVOCATION_REFUSED: 'Nothing was revoked.',
  // Journal
  ENTRY_MALFORMED: 'Bytes that should be a journal entry are not one.',
  ENTRY_FORGED: 'An entry does not carry its writer’s signature.',
  CHANGE_NOT_CANONICAL: 'A change does not have the one form that its entry determines.',
  NOT_THE_WRITER: 'A change was made by somebody who may not write this document.',
  OVER_LIMIT: 'Something is larger than its limit.',
  CLOCK_TOO_FAR: 'A clock value is too far ahead of this machine’s clock.',
  // Mesh
  FRAME_MALFORMED: 'A frame is not a message of the protocol.',
  LINK_FAILED: 'No link to a peer came about: it is tried again by itself.',
  PEER_UNKNOWN: 'No such peer is known here: name one that is, or wait until it was linked once.',
  PORT_IN_USE: 'The port is in use: stop the other program or name another port.',
  PORT_NOT_AVAILABLE:
    'This address and port cannot be listened on: name an address of this machine and a port above 1023.',
  // Relay
  DATABASE_UNREACHABLE:
    'The database cannot be reached: check DATABASE_URL and that the server runs.',
  DATABASE_NOT_AVAILABLE:
    'There is no embedded database for this platform: give a server with DATABASE_URL.',
  DATABASE_FAILED:
    'The embedded database does not run: see logs/postgres.log in the data directory.',
  DATABASE_FOREIGN: 'The database belongs to another company: check DATABASE_URL.',
  DATABASE_WENT_BACK:
    'The database knows less than was published from it: nothing was published; try again in a moment.',
  RELEASE_NOT_HERE:
    'The database does not know the last release, and its documents are not all here: restore a newer backup, or wait until a till has brought them.',
  DATABASE_IN_USE:
    'Another relay works on this database: stop that one, or give this one a database of its own with DATABASE_URL.',
  LEASE_LOST: 'Another relay has taken over this task; this one leaves it alone.',
  // Host
  TOKEN_WRONG:
    'The access token is missing or wrong: send the contents of the api-token file as a bearer token.',
  OTHER_DIRECTORY:
    'The till or relay that answers there runs on another data directory: name the address of the one that is meant (--ui or --api, see --help), or its directory with --data.',
  HOST_NOT_ALLOWED:
    'This name or address is not one of this server’s: use the address that it printed, or allow the name with --allow-host.',
  ORIGIN_NOT_ALLOWED: 'A page of another site may not call this server.',
  SIGN_IN_NEEDED: 'Nobody is signed in here: sign in with your PIN.',
  NOT_FOUND: 'There is nothing at this address.',
  NO_ANSWER:
    'No relay or register answers there: start it, or name the address where its API listens.',
  PROCESS_FAILED: 'A process could not be started or ended by itself: its log says why.',
  COMMAND_REFUSED: 'A register refused a document: nothing more was sent.',
  // Input
  INPUT_INVALID: 'The input is not valid.',
  // Everything that must hold and does not
  INVARIANT: 'Tillmesh found its own data wrong and stopped trusting it.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof catalogue;

/** A fault with a code of the catalogue. `detail` names the thing at hand and never holds a secret. */
export class TillmeshError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  constructor(code: ErrorCode, detail = '', options?: ErrorOptions) {
    super(detail === '' ? catalogue[code] : `${catalogue[code]} (${detail})`, options);
    this.name = 'TillmeshError';
    this.code = code;
    this.detail = detail;
  }
}

export const isTillmeshError = (error: unknown, code?: ErrorCode): error is TillmeshError =>
  error instanceof TillmeshError && (code === undefined || error.code === code);

/** For invariants: `assert(tip.seq === n, 'tip and file differ')`. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new TillmeshError('INVARIANT', what);
}
