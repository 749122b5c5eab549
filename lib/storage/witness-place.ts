/** Where witnesses are kept unless another place is named: of this user, and outside every data directory. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export const witnessPlace = (): string => join(homedir(), '.local', 'state', 'tillmesh', 'witness');
