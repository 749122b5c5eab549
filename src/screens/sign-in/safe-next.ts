/** Where to go after signing in: a path of this process, never another site, whatever the address says. */
export function safeNext(next: string | null, home = '/sell'): string {
  return next !== null &&
    /^\/[a-z](?!.*[\\:])[^\s]{0,200}$/i.test(next) &&
    !next.startsWith('/sign-in')
    ? next
    : home;
}
