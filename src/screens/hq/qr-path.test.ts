import { decodeQR } from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { qrPicture } from './qr-path.ts';

/** The picture as a camera sees it. */
function pixelsOf({ size, path }: ReturnType<typeof qrPicture>, scale: number) {
  const width = size * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dx = 0; dx < scale; dx++)
      for (let dy = 0; dy < scale; dy++) {
        const at = ((Number(y) * scale + dy) * width + Number(x) * scale + dx) * 4;
        data.fill(0, at, at + 3);
      }
  return { width, height: width, data };
}

describe('a join code as a picture', () => {
  it.each([
    '7QZK-3M8V-A1XW-9T0R@127.0.0.1:3001',
    '7QZK-3M8V-A1XW-9T0R@head-office.shops.example.com:65535',
    '7QZK-3M8V-A1XW-9T0R@[2001:db8:0:1:1:1:1:1]:3001',
  ])('%s is read back as it is', (text) => {
    const picture = qrPicture(text);
    expect(decodeQR(pixelsOf(picture, 4))).toBe(text);
    // Nothing dark in the quiet zone.
    expect(picture.path).not.toMatch(/M[0-3] |M\d+ [0-3]h/);
  });
});
