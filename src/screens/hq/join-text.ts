/** What a new till is started with: `CODE@host:port`. Pure. */

/** `hostname` as the browser has it: an IPv6 address stands in brackets already. */
export const joinText = (code: string, hostname: string, syncPort: number): string =>
  `${code}@${hostname}:${syncPort}`;

/** Addresses that mean the machine that reads them, and so no relay on another one. */
export const isThisMachine = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127(?:\.\d+){3}$/.test(hostname);

/** `T4`, as typed with blanks around it or in small letters; undefined for what is no name of a new terminal. */
export function readTerminal(typed: string): string | undefined {
  const text = typed.trim().toUpperCase();
  return /^[A-Z]{1,3}[1-9][0-9]{0,3}$/.test(text) ? text : undefined;
}
