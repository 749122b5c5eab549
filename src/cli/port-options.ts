/** Says by which option a port that cannot be listened on was named: whoever reads the error types that option next. */
import { isTillmeshError, TillmeshError } from '#lib/domain/errors.ts';
import type { Endpoint } from './endpoints.ts';

/** Runs `start`; PORT_IN_USE and PORT_NOT_AVAILABLE of one of these addresses get its option in front. */
export async function namingPorts<Value>(
  options: Readonly<Record<string, Endpoint>>,
  start: () => Promise<Value>,
): Promise<Value> {
  try {
    return await start();
  } catch (error) {
    if (!isTillmeshError(error, 'PORT_IN_USE') && !isTillmeshError(error, 'PORT_NOT_AVAILABLE'))
      throw error;
    const found = Object.entries(options).find(
      ([, { host, port }]) => error.detail === `${host}:${port}`,
    );
    if (!found) throw error;
    throw new TillmeshError(error.code, `${found[0]} ${error.detail}`, { cause: error });
  }
}
