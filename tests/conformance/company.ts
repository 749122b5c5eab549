/**
 * Certificates for names that are no principals: automerge-repo's suites call their peers alice and bob, so each
 * name gets a till of the sample company and the chain is read back as the name.
 */
import type { Principal } from '#lib/domain/ids.ts';
import type { ProvenPeer } from '#lib/mesh/transport.ts';
import { verifyChain } from '#lib/trust/chain.ts';
import type { TlsCredentials } from '#lib/trust/incarnation.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';

export type NamedCompany = {
  credentialsOf(name: string): TlsCredentials;
  verifyPeer(ders: Uint8Array[]): ProvenPeer;
};

export async function companyWith(names: readonly string[]): Promise<NamedCompany> {
  const company = await SampleCompany.create('conformance');
  const credentials = new Map<string, TlsCredentials>();
  const nameOf = new Map<Principal, string>();
  for (const [index, name] of names.entries()) {
    const life = await company.incarnation('S01', `T${index + 1}`);
    credentials.set(name, life.credentials);
    nameOf.set(verifyChain(chainOf(life.credentials.chainPem), company.caDer).principal, name);
  }
  return {
    credentialsOf(name) {
      const found = credentials.get(name);
      if (found === undefined) throw new Error(`no certificate for ${name}`);
      return found;
    },
    verifyPeer(ders) {
      const { principal, terminalKey } = verifyChain(ders, company.caDer);
      const name = nameOf.get(principal);
      if (name === undefined) throw new Error('a till without a name');
      return { principal: name as Principal, terminalKey };
    },
  };
}

const chainOf = (pem: string): Uint8Array[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END/g)].map(([, body]) =>
    Uint8Array.from(Buffer.from(body ?? '', 'base64')),
  );
