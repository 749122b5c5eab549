/** A film for a pretended camera: an EAN-13, drawn by the rules of GS1 and shown without end. */
import { writeFileSync } from 'node:fs';

const left = ['0001101', '0011001', '0010011', '0111101', '0100011', '0110001', '0101111'];
left.push('0111011', '0110111', '0001011');
const flipped = (bits: string): string => bits.replaceAll(/./g, (bit) => (bit === '0' ? '1' : '0'));
const reversed = (bits: string): string => bits.split('').toReversed().join('');
const right = left.map(flipped);
/** Even parity: the right-hand digits, read backwards. */
const even = right.map(reversed);
/** Which of the six left digits are even tells the first digit, which has no bars of its own. */
const parities = ['OOOOOO', 'OOEOEE', 'OOEEOE', 'OOEEEO', 'OEOOEE', 'OEEOOE', 'OEEEOO', 'OEOEOE'];
parities.push('OEOEEO', 'OEEOEO');

/** 95 modules, 1 for a bar. */
export function ean13Modules(code: string): string {
  const digits = [...code].map(Number);
  const parity = parities[digits[0] ?? 0] ?? '';
  const first = digits.slice(1, 7).map((digit, at) => (parity[at] === 'O' ? left : even)[digit]);
  const second = digits.slice(7).map((digit) => right[digit]);
  return ['101', ...first, '01010', ...second, '101'].join('');
}

const [width, height] = [640, 480];

/** YUV4MPEG2, which Chromium plays for `--use-file-for-fake-video-capture`. */
export function writeBarcodeFilm(path: string, code: string): void {
  const modules = ean13Modules(code);
  const moduleWidth = 4;
  const begin = Math.floor((width - modules.length * moduleWidth) / 2);
  const luma = Buffer.alloc(width * height, 235);
  for (let y = 120; y < 360; y++)
    for (let at = 0; at < modules.length * moduleWidth; at++)
      if (modules[Math.floor(at / moduleWidth)] === '1') luma[y * width + begin + at] = 16;
  const chroma = Buffer.alloc((width * height) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(path, Buffer.concat([header, frame, frame, frame]));
}
