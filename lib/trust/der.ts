/**
 * Reads the extensions of a certificate, which Node's X509Certificate does not show.
 * Strict DER (definite lengths, nothing left over) and only as deep as the extensions lie.
 */
import { TillmeshError } from '../domain/errors.ts';
import { toHex } from '../journal/bytes.ts';

export type Extension = {
  /** Contents of the object identifier in hex: `551d13` is 2.5.29.19. */
  readonly oid: string;
  readonly critical: boolean;
  /** DER of the extension's value in hex. */
  readonly value: string;
};

type Element = { readonly tag: number; readonly content: Uint8Array };

const sequence = 0x30;
const objectIdentifier = 0x06;
const boolean = 0x01;
const octetString = 0x04;
/** [3] EXPLICIT in TBSCertificate (RFC 5280 §4.1). */
const extensionsTag = 0xa3;

/** The extensions of a certificate, in their order. Throws CERTIFICATE_MALFORMED. */
export function extensionsOf(certificateDer: Uint8Array): Extension[] {
  const [certificate] = elementsOf(certificateDer, 1);
  const [toBeSigned] = elementsOf(contentOf(certificate, sequence), 3);
  const fields = elementsOf(contentOf(toBeSigned, sequence), 10);
  const holder = fields.find((field) => field.tag === extensionsTag);
  if (holder === undefined) return [];
  const [list] = elementsOf(holder.content, 1);
  return elementsOf(contentOf(list, sequence), 16).map(readExtension);
}

function readExtension(element: Element): Extension {
  const parts = elementsOf(contentOf(element, sequence), 3);
  const critical = parts.length === 3;
  // DER leaves out `critical` where it is false.
  if (critical && toHex(contentOf(parts[1], boolean)) !== 'ff') refuse();
  return {
    oid: toHex(contentOf(parts[0], objectIdentifier)),
    critical,
    value: toHex(contentOf(parts[critical ? 2 : 1], octetString)),
  };
}

function elementsOf(bytes: Uint8Array, most: number): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (elements.length === most) refuse();
    const tag = bytes[at] ?? 0;
    const { length, begin } = lengthAt(bytes, at + 1);
    if (begin + length > bytes.length) refuse();
    elements.push({ tag, content: bytes.subarray(begin, begin + length) });
    at = begin + length;
  }
  return elements;
}

function lengthAt(bytes: Uint8Array, at: number): { length: number; begin: number } {
  const first = bytes[at];
  if (first === undefined) refuse();
  if (first < 0x80) return { length: first, begin: at + 1 };
  const octets = first & 0x7f;
  // Indefinite lengths are not DER; nothing of ours needs more than two octets.
  if (octets === 0 || octets > 2) refuse();
  let length = 0;
  for (let i = 1; i <= octets; i++) length = length * 256 + (bytes[at + i] ?? refuse());
  if (length < (octets === 1 ? 0x80 : 0x100)) refuse();
  return { length, begin: at + 1 + octets };
}

function contentOf(element: Element | undefined, tag: number): Uint8Array {
  return element?.tag === tag ? element.content : refuse();
}

function refuse(): never {
  throw new TillmeshError('CERTIFICATE_MALFORMED', 'not DER of a certificate');
}
