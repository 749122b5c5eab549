/**
 * What each kind of certificate below the root may do, as the exact bytes of the extensions that say so.
 * Exact bytes instead of meanings: we write these certificates ourselves, so any other form is somebody else's.
 */
import { TillmeshError } from '../domain/errors.ts';
import { extensionsOf } from './der.ts';

const basicConstraints = '551d13';
const keyUsage = '551d0f';

/** DER in hex. Frozen with `certificate-builder.ts`. */
const profiles = {
  // CA:true, pathlen 2: a till that enrols and its terminals are below. keyCertSign, as in the two that follow.
  issuing: { [basicConstraints]: '30060101ff020102', [keyUsage]: '03020204' },
  // CA:true, pathlen 1: it signs terminals.
  enroller: { [basicConstraints]: '30060101ff020101', [keyUsage]: '03020204' },
  // CA:true, pathlen 0: it signs incarnations, and an incarnation signs no certificate.
  terminal: { [basicConstraints]: '30060101ff020100', [keyUsage]: '03020204' },
  // CA:false. digitalSignature.
  incarnation: { [basicConstraints]: '3000', [keyUsage]: '03020780' },
} as const satisfies Record<string, Record<string, string>>;

/**
 * Throws CERTIFICATE_MALFORMED where the constraints are not this role's, an extension stands twice,
 * or one is critical that nobody here understands (RFC 5280 §4.2).
 */
export function checkProfile(certificateDer: Uint8Array, role: keyof typeof profiles): void {
  const wanted = new Map<string, string>(Object.entries(profiles[role]));
  const seen = new Set<string>();
  for (const { oid, critical, value } of extensionsOf(certificateDer)) {
    if (seen.has(oid)) refuse(role);
    seen.add(oid);
    const wantedValue = wanted.get(oid);
    if (wantedValue === undefined ? critical : !critical || value !== wantedValue) refuse(role);
  }
  for (const oid of wanted.keys()) if (!seen.has(oid)) refuse(role);
}

function refuse(role: string): never {
  throw new TillmeshError('CERTIFICATE_MALFORMED', `not the constraints of a ${role}`);
}
