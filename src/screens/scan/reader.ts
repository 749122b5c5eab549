/** What finds barcodes in a picture: the browser's own reader where it knows what lies in shops, else one in a worker. */
import { formats, type SeenCode } from './camera-code.ts';

export type Reader = {
  read(video: HTMLVideoElement): Promise<readonly SeenCode[]>;
  close(): void;
};

/** Not in TypeScript's library yet (https://wicg.github.io/shape-detection-api/). */
type NativeDetector = {
  new (options: { formats: readonly string[] }): {
    detect(image: ImageBitmapSource): Promise<readonly SeenCode[]>;
  };
  getSupportedFormats(): Promise<readonly string[]>;
};

export async function openReader(): Promise<Reader> {
  return (await nativeReader()) ?? workerReader();
}

/** Some systems have one that reads QR codes alone. */
async function nativeReader(): Promise<Reader | undefined> {
  const { BarcodeDetector: Native } = globalThis as { BarcodeDetector?: NativeDetector };
  const known = await Native?.getSupportedFormats().catch(() => undefined);
  if (!Native || !known || !formats.every((format) => known.includes(format))) return undefined;
  const detector = new Native({ formats });
  return { read: (video) => detector.detect(video), close: () => undefined };
}

function workerReader(): Reader {
  const worker = new Worker(new URL('./reader-worker.ts', import.meta.url), { type: 'module' });
  /** Of the one picture that is with the worker. */
  let settle: { resolve(seen: readonly SeenCode[]): void; reject(error: Error): void } | undefined;
  worker.addEventListener(
    'message',
    ({ data }: MessageEvent<readonly SeenCode[] | { problem: string }>) => {
      if ('problem' in data) settle?.reject(new Error(data.problem));
      else settle?.resolve(data);
    },
  );
  worker.addEventListener('error', () => settle?.reject(new Error('the reader did not start')));
  return {
    async read(video) {
      const picture = await createImageBitmap(video);
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        worker.postMessage(picture, [picture]);
      });
    },
    close: () => worker.terminate(),
  };
}
