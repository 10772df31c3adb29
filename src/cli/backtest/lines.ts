import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { TourniquetError } from "../../errors.ts";

const NEWLINE = 0x0a;
/** A batch of a thousand entries fits; whatever is longer is no webhook. */
const LONGEST = 4 * 1024 * 1024;

/** One line of a file. bytes null: it is too long to be one, and was not kept. */
export interface Line {
  /** From 1. */
  number: number;
  bytes: Buffer | null;
}

/** Every line that is not empty, read as it is needed. Throws input-invalid, naming the file, where it cannot be read. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  const stream: Readable = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;
  const take = (end: Buffer): Line => {
    number += 1;
    const isTooLong = restBytes + end.length > LONGEST;
    const bytes = isTooLong ? null : rest.length === 0 ? end : Buffer.concat([...rest, end]);
    rest = [];
    restBytes = 0;
    return { number, bytes: bytes && trimmed(bytes) };
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        const line = take(chunk.subarray(from, at));
        from = at + 1;
        if (line.bytes === null || line.bytes.length > 0) yield line;
      }
      restBytes += chunk.length - from;
      if (restBytes <= LONGEST) rest.push(chunk.subarray(from));
      else rest = [];
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if (restBytes === 0) return;
  const last = take(Buffer.alloc(0));
  if (last.bytes === null || last.bytes.length > 0) yield last;
}

/** A file from elsewhere may end its lines otherwise, and begin with a mark of its encoding. */
function trimmed(bytes: Buffer): Buffer {
  let [from, to] = [0, bytes.length];
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = 3;
  const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x0d || byte === 0x09;
  while (to > from && isBlank(bytes[to - 1])) to -= 1;
  while (from < to && isBlank(bytes[from])) from += 1;
  return bytes.subarray(from, to);
}

const why: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder, no file",
  EACCES: "may not be read by this user",
};

function unreadable(path: string, error: unknown): TourniquetError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return new TourniquetError("input-invalid", `${path} ${why[code] ?? `cannot be read (${String(error)})`}`, {}, error);
}
