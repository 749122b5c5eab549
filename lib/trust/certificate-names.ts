/**
 * Subjects as they are written into certificates, and read back. Frozen: a certificate issued once must verify for ever.
 * Who may sign whom is read from these names and from the exact constraints beside them (`certificate-profile.ts`).
 */
import type { X509Certificate } from 'node:crypto';
import { isStoreId, isTerminalId, type StoreId, type TerminalId } from '../domain/ids.ts';

/** Names a company in its certificates: short, and of characters that X.509 names never escape. */
export const companyShape = /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/;

/** A till that may enrol others: those of its own store from T`first` to T`last`. */
export type Enroller = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly first: number;
  readonly last: number;
};

export const authoritySubject = (company: string): string => `O=${company},CN=Tillmesh CA`;
/** Of every issuing key that the company ever had: which one it is, the key identifiers beside the names say. */
export const issuingSubject = (company: string): string => `O=${company},CN=Tillmesh Issuing`;
export const enrollerSubject = (
  company: string,
  { store, terminal, first, last }: Enroller,
): string => `O=${company},OU=${store},CN=${terminal}-enrols-T${first}-T${last}`;
export const terminalSubject = (company: string, store: StoreId, terminal: TerminalId): string =>
  `O=${company},OU=${store},CN=${terminal}`;

/** The company that a root certificate names, or undefined where it is not one of ours: form, key, own signature. */
export function companyOf(ca: X509Certificate): string | undefined {
  const company = /^O=(.+)\nCN=Tillmesh CA$/.exec(ca.subject)?.[1];
  const genuine =
    company !== undefined &&
    companyShape.test(company) &&
    ca.ca &&
    ca.publicKey.asymmetricKeyType === 'ed25519' &&
    ca.checkIssued(ca) &&
    ca.verify(ca.publicKey);
  return genuine ? company : undefined;
}

/** Of Node's form of a subject, as all below: whether it is the name of this company's issuing certificates. */
export const isIssuingSubject = (subject: string, company: string): boolean =>
  subject === `O=${company}\nCN=Tillmesh Issuing`;

/** Undefined for any other subject, and for a range that is none. */
export function readEnrollerSubject(subject: string): (Enroller & { company: string }) | undefined {
  const [, company, store, terminal, first, last] =
    /^O=([A-Za-z0-9-]+)\nOU=([A-Z0-9]+)\nCN=([A-Z0-9]+)-enrols-T([1-9][0-9]{0,3})-T([1-9][0-9]{0,3})$/.exec(
      subject,
    ) ?? [];
  if (company === undefined || !isStoreId(store) || !isTerminalId(terminal)) return undefined;
  const range = { first: Number(first), last: Number(last) };
  return range.first <= range.last ? { company, store, terminal, ...range } : undefined;
}

/** Undefined for any other subject. */
export function readTerminalSubject(
  subject: string,
): { company: string; store: StoreId; terminal: TerminalId } | undefined {
  const [, company, store, terminal] =
    /^O=([A-Za-z0-9-]+)\nOU=([A-Z0-9]+)\nCN=([A-Z0-9]+)$/.exec(subject) ?? [];
  if (company === undefined || !isStoreId(store) || !isTerminalId(terminal)) return undefined;
  return { company, store, terminal };
}

/** Exactly `T10`: `T010` is another terminal, and nobody's to give. */
export const isWithin = (terminal: TerminalId, { first, last }: Enroller): boolean => {
  const number = Number(terminal.slice(1));
  return terminal === `T${number}` && number >= first && number <= last;
};
