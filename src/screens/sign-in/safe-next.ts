/** Where to go after signing in: a path of this till, never another site, whatever the address says. */
export function safeNext(next: string | null): string {
  return next !== null &&
    /^\/[a-z](?!.*[\\:])[^\s]{0,200}$/i.test(next) &&
    !next.startsWith('/sign-in')
    ? next
    : '/sell';
}
