/** A port of loopback that nobody listens on. */
import { createServer } from 'node:net';
import { TillmeshError } from '../../lib/domain/errors.ts';

/** 0 chooses one. Throws PORT_IN_USE when a named port is taken. Another program may take it the moment after. */
export function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause) =>
      reject(new TillmeshError('PORT_IN_USE', String(port), { cause })),
    );
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
