/**
 * Reads barcodes in pictures beside the page: keys go on answering, and the page itself needs no leave for WebAssembly
 * in its policy. The reader is this till's own file, never fetched from elsewhere.
 */
import { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { formats } from './camera-code.ts';

prepareZXingModule({ overrides: { locateFile: () => wasm } });
const detector = new BarcodeDetector({ formats: [...formats] });

addEventListener('message', ({ data }: MessageEvent<ImageBitmap>) => {
  detector
    .detect(data)
    .then(
      (found) => found.map(({ format, rawValue }) => ({ format, rawValue })),
      (error: unknown) => ({ problem: String(error) }),
    )
    .then((answer) => {
      data.close();
      // A worker's own `postMessage` has no origin to name.
      (postMessage as (message: unknown) => void)(answer);
    })
    .catch(() => undefined);
});
