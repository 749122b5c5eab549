/** A text as a QR code: one path of unit squares for an SVG, with the quiet zone around it. */
import { encodeQR } from 'qr';

export type QrPicture = {
  /** Modules on each side, border included. */
  readonly size: number;
  /** For a viewBox of that size. */
  readonly path: string;
};

/** ISO/IEC 18004 asks for four modules of quiet around a code. */
const border = 4;

export function qrPicture(text: string): QrPicture {
  // Medium: a scratched screen and a cheap camera in between.
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border });
  const path = rows
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return { size: rows.length, path };
}
