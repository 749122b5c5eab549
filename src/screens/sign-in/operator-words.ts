/** An operator as the sign-in page shows one. Pure. */
import type { OperatorName } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';

/** `AT` of `Amina Testerley`. */
export const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((part) => part.charAt(0))
    .slice(0, 2)
    .join('');

/** The highest of the roles. */
export function roleWord({ roles }: OperatorName): string {
  const highest = (['manager', 'supervisor', 'cashier'] as const).find((role) =>
    roles.includes(role),
  );
  return highest ? texts.signIn.roles[highest] : '';
}
