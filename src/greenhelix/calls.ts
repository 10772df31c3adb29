import { createHash } from "node:crypto";
import { TourniquetError } from "../errors.ts";
import type { ActionKey, CallOptions, Outcome } from "../incident/gateway.ts";
import type { Http, HttpRequest } from "../outbound/http.ts";
import type { Path } from "../outbound/path.ts";
import { type About, type Judgement, judge } from "./judge.ts";
import { type KeyFor, requireKey } from "./keys.ts";

/** One call in either dialect. `tool` is its name in logs and errors, the same in both. */
export interface Call extends Omit<HttpRequest, "path" | "apiKey" | "idempotencyKey"> {
  tool: string;
  agentId: string;
  path: Path;
  actionKey?: ActionKey;
  options?: CallOptions | undefined;
}

/** Reads an answer's body. Throws gateway-unreadable (see fields.ts) where it does not hold what it should. */
export type Reader<T> = (body: unknown) => T;

/** The two ways to call: a read throws, a write answers an Outcome. Neither repeats anything. */
export interface Calls {
  read<T>(call: Call, reader: Reader<T>): Promise<T>;
  /**
   * @param ifUnreadable what the effect is known to be when the gateway said 2xx and nothing legible; without it such a
   * write is unknown, and is read back.
   */
  write<T>(call: Call, reader: Reader<T>, ifUnreadable?: T): Promise<Outcome<T>>;
}

export function createCalls(http: Http, keyFor: KeyFor): Calls {
  return {
    async read(call, reader) {
      const judgement = await perform(http, keyFor, call);
      if (judgement.kind !== "answered") throw judgement.error;
      return reader(judgement.body);
    },
    async write(call, reader, ifUnreadable) {
      const judgement = await perform(http, keyFor, call).catch(refusedHere);
      if (judgement.kind === "answered") return readDone(judgement.body, reader, ifUnreadable);
      if (judgement.kind === "nothing-happened") return { outcome: "not-done", error: judgement.error };
      if (judgement.kind === "accepted" && ifUnreadable !== undefined) return { outcome: "done", value: ifUnreadable };
      return { outcome: "unknown", error: judgement.error };
    },
  };
}

async function perform(http: Http, keyFor: KeyFor, call: Call): Promise<Judgement> {
  const { tool, agentId, actionKey, options, path, ...request } = call;
  const about: About = { tool, agentId, apiKey: requireKey(keyFor, agentId) };
  const idempotencyKey = actionKey && { idempotencyKey: headerSafe(actionKey) };
  const attributes = { "tourniquet.tool": tool, "tourniquet.agent_id": agentId };
  const traced = { route: path.route, about: attributes };
  const sent = { ...request, ...idempotencyKey, ...traced, path: path(), apiKey: about.apiKey };
  options?.onRequest?.();
  return judge(await http.send(sent, options), about);
}

/** What perform throws of ours (no key, an id that fits no path) comes before anything is sent. */
function refusedHere(error: unknown): Judgement {
  if (error instanceof TourniquetError) return { kind: "nothing-happened", error };
  throw error;
}

function readDone<T>(body: unknown, reader: Reader<T>, ifUnreadable: T | undefined): Outcome<T> {
  try {
    return { outcome: "done", value: reader(body) };
  } catch (error) {
    if (!(error instanceof TourniquetError)) throw error;
    // A 2xx that reports a failure inside is no success (its reader says gateway-failed); one that is merely odd is.
    if (ifUnreadable !== undefined && error.code === "gateway-unreadable")
      return { outcome: "done", value: ifUnreadable };
    return { outcome: "unknown", error };
  }
}

/** The gateway's keys are one space for all agents; a key no header can carry goes out as its hash, the same each time. */
function headerSafe(actionKey: ActionKey): string {
  return /^[\x21-\x7e]{1,200}$/.test(actionKey) ? actionKey : createHash("sha256").update(actionKey).digest("hex");
}
