// Questions to the service, typed by the generated contract. Nothing here decides anything.

import type { paths, components } from "./api.gen";
import { mend, prove } from "./proving";

export type Schemas = components["schemas"];
export type Problem = { status: number; code: string; title: string; detail: string; errors?: { field: string; message: string }[]; last?: number; report?: Schemas["ImportReportOut"] };

type Method = "get" | "put" | "post" | "delete";
type Operation<P extends keyof paths, M extends Method> = paths[P][M];
type BodyOf<O> = O extends { requestBody?: { content: { "application/json": infer B } } } ? B : O extends { requestBody?: { content: { "text/csv": string } } } ? ArrayBuffer : undefined;
type Json<R> = R extends { content: { "application/json": infer A } } ? A : never;
type AnswerOf<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201)]> : never;
type Names<P extends string> = P extends `${string}{${infer N}}${infer R}` ? N | Names<R> : never;

/** The service answered, and refused. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}
/** No answer: no network, or the service is not there, or what came is not its word. What was asked may or may not have
 * been done. `unheard`: nothing came at all. */
export class NoAnswer extends Error {
  constructor(
    said: string,
    readonly unheard = false,
  ) {
    super(said);
  }
}

export interface Asked {
  token?: string | null;
  headers?: Record<string, string>;
  query?: Record<string, string> | [string, string][];
  signal?: AbortSignal | undefined;
  timeout?: number;
  /** The number this tablet signs it with, where one was taken for it before. */
  number?: number | undefined;
  /** The ETag of what is held: where it still holds, the answer is 304 and has no body. */
  held?: string | undefined;
}

export interface Answered<T> {
  status: number;
  etag: string | null;
  body: T;
  /** What the service says it has kept: the sender's name for it, and the version of its session with it. */
  item: string | null;
  version: number | null;
}

/** The path with its names filled in. */
export function fill(path: string, names: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ""));
}

const TIMEOUT_MS = 15_000;

/** A signal that ends with the screen that asked, and in any case after a while. */
function until(asked: Asked): { signal: AbortSignal; over: () => void } {
  const end = new AbortController();
  const stop = (): void => end.abort();
  const alarm = setTimeout(stop, asked.timeout ?? TIMEOUT_MS);
  if (asked.signal?.aborted) stop();
  asked.signal?.addEventListener("abort", stop);
  return { signal: end.signal, over: () => (clearTimeout(alarm), asked.signal?.removeEventListener("abort", stop)) };
}

/** A refusal as the service words it, also under /fhir; null where it is not its word. */
export function problemIn(found: unknown): Partial<Problem> | null {
  const said = found as { code?: unknown; issue?: [{ details: { text: string }; diagnostics: string }] } | null;
  if (said?.issue) return { code: said.issue[0].details.text, detail: said.issue[0].diagnostics };
  return typeof said?.code === "string" ? (said as Problem) : null;
}

/** One request; a file is sent as it is, under the type its headers name. Raises `Refused` or `NoAnswer`, nothing else. */
export async function send(method: string, url: string, body: unknown, asked: Asked = {}): Promise<Answered<unknown>> {
  const headers: Record<string, string> = { ...asked.headers };
  if (asked.token) headers.Authorization = `Bearer ${asked.token}`;
  const file = body instanceof ArrayBuffer;
  if (body !== undefined && !file) headers["Content-Type"] = "application/json";
  if (asked.held !== undefined) headers["If-None-Match"] = asked.held;
  const query = asked.query ? `?${new URLSearchParams(asked.query)}` : "";
  const text = file ? body : body === undefined ? null : JSON.stringify(body);
  const proof = method === "GET" ? null : await prove(method, url + query, text ?? "", headers, asked.number);
  if (proof !== null) headers["X-Tablet-Proof"] = proof;
  let answer: Response | null = null;
  let found: unknown;
  const { signal, over } = until(asked);
  try {
    answer = await fetch(url + query, {
      method,
      headers,
      body: text,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal,
    });
    const said = await answer.text();
    found = said === "" ? null : JSON.parse(said);
  } catch (failure) {
    throw new NoAnswer(String(failure), answer === null);
  } finally {
    over();
  }
  if (answer.ok || (answer.status === 304 && asked.held !== undefined)) {
    const version = answer.headers.get("x-session-version");
    return { status: answer.status, etag: answer.headers.get("etag"), body: found, item: answer.headers.get("x-item-id"), version: version === null ? null : Number(version) };
  }
  const problem = problemIn(found);
  if (!problem?.code) throw new NoAnswer(`status ${answer.status}`);
  const { code, title = "", detail = "", errors, report } = problem;
  await mend(code, problem.last, headers);
  throw new Refused({ status: answer.status, code, title, detail, ...(errors ? { errors } : {}), ...(report ? { report } : {}) });
}

/** A typed question: `ask("get", "/v1/sessions/{session_id}", { session_id })`. */
export async function ask<P extends keyof paths & string, M extends Method>(
  method: M,
  path: P,
  names: Record<Names<P>, string>,
  body?: BodyOf<Operation<P, M>>,
  asked: Asked = {},
): Promise<Answered<AnswerOf<Operation<P, M>>>> {
  return (await send(method.toUpperCase(), fill(path, names), body, asked)) as Answered<AnswerOf<Operation<P, M>>>;
}
