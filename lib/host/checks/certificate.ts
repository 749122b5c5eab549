/** Whether the certificates of a data directory fit together, lead to the company's CA, and until when they run. */
import { isTillmeshError } from '../../domain/errors.ts';
import { verifyChain } from '../../trust/chain.ts';
import type { IdentityStore } from '../../trust/identity-store.ts';
import { type Check, checked, codeOf } from './check.ts';

export function checkCertificate(
  store: Pick<IdentityStore, 'enrolled' | 'living'>,
  wallMs: number,
): Check {
  const check = 'certificate';
  try {
    const enrolled = store.enrolled();
    if (!enrolled) return checked(check, 'warn', { found: 'notEnrolled' });
    const living = store.living();
    if (!living) return checked(check, 'warn', { found: 'nothingRecorded' });
    const { principal, notAfterMs } = verifyChain(living.chain, enrolled.caDer);
    // Between tills dates are not enforced, so that a long outage ends no LAN; head office does look.
    return notAfterMs < wallMs
      ? checked(check, 'warn', { found: 'identityOver', principal, notAfterMs })
      : checked(check, 'ok', { found: 'identity', principal, notAfterMs });
  } catch (error) {
    const code = isTillmeshError(error) ? error.code : codeOf(error);
    return checked(check, 'fail', { found: 'identityBroken', code });
  }
}
