import { z } from "zod";
import { cut, wellFormedJson } from "../incident/well-formed.ts";

/** What an error body tells: `tail` is the last part of a problem's type ("invalid-state"), or whatever code stands in its place. */
export interface Problem {
  tail: string | undefined;
  detail: string | undefined;
}

const nested = z.union([
  z.string().transform((text) => ({ code: undefined, message: text })),
  z.looseObject({ code: z.string().optional().catch(undefined), message: z.string().optional().catch(undefined) }),
]);

const problemBody = z.looseObject({
  type: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  error: nested.optional().catch(undefined),
});

/** Never throws: error bodies are HTML, half a JSON or nothing often enough. The key is blotted out should a body repeat it. */
export function readProblem(body: string | undefined, apiKey: string): Problem {
  const parsed = problemBody.safeParse(jsonOrNothing(body));
  if (!parsed.success) return { tail: undefined, detail: undefined };
  const { type, code, title, detail, message, error } = parsed.data;
  const tail = tailOf(type) ?? code ?? error?.code;
  return {
    tail: tail && scrub(hyphenated(tail), apiKey),
    detail: scrub(detail ?? message ?? error?.message ?? title, apiKey),
  };
}

function jsonOrNothing(body: string | undefined): unknown {
  try {
    return JSON.parse(wellFormedJson(body ?? ""));
  } catch {
    return undefined;
  }
}

function tailOf(type: string | undefined): string | undefined {
  return type === undefined || type === "about:blank" ? undefined : type.split(/[/#:]/).findLast((part) => part !== "");
}

function hyphenated(code: string): string {
  return cut(code, 64).replaceAll("_", "-").toLowerCase();
}

/** At most 200 characters of what the gateway says, without anything that looks like a key. */
function scrub<T extends string | undefined>(text: T, apiKey: string): T {
  if (text === undefined) return text;
  const blotted = text
    .replaceAll(apiKey, "[key]")
    .replace(/\ba2a_\w{8,}/g, "[key]")
    .replace(/Bearer\s+\S+/gi, "Bearer [key]");
  return cut(blotted, 200) as T;
}
