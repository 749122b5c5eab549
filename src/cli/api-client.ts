/** Calls the HTTP API of a register or relay on this machine, with the token of its data directory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TillmeshError, catalogue, type ErrorCode } from '#lib/domain/errors.ts';

const failureSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    problems: z.array(z.string()).optional(),
  }),
});

export type ApiAnswer = { readonly status: number; readonly body: unknown };

export class ApiClient {
  readonly url: string;
  readonly #token: string;

  /** `url` is like `http://127.0.0.1:4100`. */
  constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  /** For a process that has printed its ready line: its token is on disk then. */
  static forDirectory(url: string, dataDirectory: string): ApiClient {
    try {
      return new ApiClient(url, readFileSync(join(dataDirectory, 'api-token'), 'utf8').trim());
    } catch (error) {
      throw new TillmeshError('DIRECTORY_EMPTY', dataDirectory, { cause: error });
    }
  }

  get<Value>(path: string, schema: z.ZodType<Value>): Promise<Value> {
    return this.#expect('GET', path, undefined, schema);
  }

  /** `also`: statuses that are answers too, and no errors. */
  post<Value>(
    path: string,
    body: unknown,
    schema: z.ZodType<Value>,
    also: readonly number[] = [],
  ): Promise<Value> {
    return this.#expect('POST', path, body, schema, also);
  }

  put<Value>(path: string, body: unknown, schema: z.ZodType<Value>): Promise<Value> {
    return this.#expect('PUT', path, body, schema);
  }

  /** The answer as it is, whatever its status: for callers to whom a refusal is an answer. */
  async send(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    let response: Response;
    try {
      response = await fetch(this.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new TillmeshError('NO_ANSWER', this.url, { cause: error });
    }
    const text = await response.text();
    return { status: response.status, body: parse(text) };
  }

  async #expect<Value>(
    method: string,
    path: string,
    body: unknown,
    schema: z.ZodType<Value>,
    also: readonly number[] = [],
  ): Promise<Value> {
    const answer = await this.send(method, path, body);
    const isGood = answer.status >= 200 && answer.status < 300;
    if (isGood || also.includes(answer.status)) return schema.parse(answer.body);
    const problem = asError(answer, `${method} ${path}`);
    // The token was read from the directory, so it is right, and the process is another one's.
    if (problem.code === 'TOKEN_WRONG') throw new TillmeshError('OTHER_DIRECTORY', this.url);
    throw problem;
  }
}

/** JSON, or the text itself where the answer is none (metrics, a page). */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function asError(answer: ApiAnswer, call: string): TillmeshError {
  const failure = failureSchema.safeParse(answer.body);
  if (!failure.success) return new TillmeshError('PROCESS_FAILED', `${call}: ${answer.status}`);
  const { code, message, problems } = failure.data.error;
  const detail = problems?.slice(0, 5).join('; ') ?? '';
  if (isErrorCode(code)) return new TillmeshError(code, detail === '' ? call : detail);
  return new TillmeshError('PROCESS_FAILED', `${call}: ${message}`);
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code);
