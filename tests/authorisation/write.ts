/** Writes `docs/authorisation.md` anew, after routes, commands or roles have changed: `node tests/authorisation/write.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { asMarkdown } from './table.ts';

const page = fileURLToPath(new URL('../../docs/authorisation.md', import.meta.url));
const options = await prettier.resolveConfig(page);
writeFileSync(page, await prettier.format(asMarkdown(), { ...options, filepath: page }));
