// What is taken out of the service as a file: fetched with the sign-in of whoever asks, and handed to the browser to keep.

import { NoAnswer, problemIn, Refused } from "./api";
import { noticeFailure, own } from "./store";

const PATIENCE_MS = 60_000;
/** What came so far, in bytes. */
type Heard = (bytes: number) => void;

/** Fetches a file, however long it takes as long as anything comes, and saves it under this name. Raises `Refused` or
 * `NoAnswer`: then nothing is saved. */
export async function takeFile(path: string, name: string, heard: Heard = () => {}): Promise<void> {
  const { token, headers } = own();
  try {
    save(await fetched(path, { ...headers, Authorization: `Bearer ${token ?? ""}` }, heard), name);
  } catch (failure) {
    noticeFailure(failure, token);
    throw failure;
  }
}

async function fetched(path: string, headers: Record<string, string>, heard: Heard): Promise<Blob> {
  const end = new AbortController();
  let alarm = setTimeout(() => end.abort(), PATIENCE_MS);
  let found: unknown;
  let status: number;
  try {
    const answer = await fetch(path, { headers, cache: "no-store", credentials: "omit", redirect: "error", signal: end.signal });
    const parts: BlobPart[] = [];
    let size = 0;
    const reader = answer.body!.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      clearTimeout(alarm);
      alarm = setTimeout(() => end.abort(), PATIENCE_MS);
      parts.push(part.value);
      size += part.value.length;
      heard(size);
    }
    const whole = new Blob(parts, { type: answer.headers.get("content-type") ?? "" });
    if (answer.ok) return whole;
    status = answer.status;
    found = JSON.parse(await whole.text());
  } catch (failure) {
    throw new NoAnswer(String(failure), true);
  } finally {
    clearTimeout(alarm);
  }
  const problem = problemIn(found);
  if (!problem?.code) throw new NoAnswer(`status ${status}`);
  throw new Refused({ title: "", detail: "", ...problem, code: problem.code, status });
}

function save(data: Blob, name: string): void {
  const address = URL.createObjectURL(data);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // the browser has taken it by then
  setTimeout(() => URL.revokeObjectURL(address), PATIENCE_MS);
}
