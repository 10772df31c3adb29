import { TourniquetError } from "../../errors.ts";
import type { Channel } from "../../incident/escalation.ts";
import { readAddress } from "../../outbound/address.ts";
import type { Ending } from "../../outbound/exchange.ts";
import { type CallLimits, createHttp } from "../../outbound/http.ts";
import type { NotifierOptions } from "./notifier.ts";

/** Where a channel's messages go. */
export interface Target {
  channel: Channel;
  /** May hold a secret in its path or query: it is never repeated. */
  url: string;
  /** The variable it was read from. */
  setting: string;
  /** What a person does about a refusal with this status. */
  mend(status: number): string;
}

export interface Post {
  send(text: string, headers: Readonly<Record<string, string>>, limits?: CallLimits): Promise<Ending>;
  close(): Promise<void>;
}

/** Longer answers are cut off: no receiver has more to say than that it took the page. */
const MOST_BYTES = 64 * 1024;
const CONNECTIONS = 8;
/** However long a receiver asks us to wait: a page is no use tomorrow. */
export const LONGEST_WAIT_MS = 60_000;

const INWARD =
  "leads into a private network; if that is your own, set notify.allowPrivateHosts to true in the settings file";
/** One sentence for a start, a check and a page that was not sent. */
export const leadsInward = (setting: string): string => `${setting} ${INWARD}`;

/** JSON to one address, through the guards of outbound/. Throws config-invalid for an address that they refuse. */
export function openPost(target: Target, { allowPrivateHosts, tracing }: NotifierOptions): Post {
  const url = new URL(target.url);
  const rule = { setting: target.setting, code: "config-invalid", allowPrivateHosts, inward: INWARD } as const;
  const credentials = url.username || url.password ? "user:password@" : "";
  const address = readAddress(`${url.protocol}//${credentials}${url.host}`, rule);
  const http = createHttp(address, rule, { connections: CONNECTIONS, maxResponseBytes: MOST_BYTES, tracing });
  const traced = { route: `page ${target.channel}`, about: { "tourniquet.channel": target.channel } };
  return {
    async send(text, headers, limits) {
      const ending = await http.send(
        { ...traced, method: "POST", path: url.pathname + url.search, text, headers },
        limits,
      );
      judge(target, ending, limits?.deadlineMs);
      return ending;
    },
    close: () => http.close(),
  };
}

/** A 2xx is the receiver's word that it has the page, whatever becomes of the rest of its answer: asking again would page twice. */
export function judge(
  { channel, setting, mend }: Target,
  { status = 0, headers, failure }: Ending,
  deadlineMs = 5_000,
): void {
  if (status >= 200 && status < 300) return;
  const failed = (what: string, detail = {}) =>
    new TourniquetError("notifier-failed", `${channel} ${what}`, { channel, ...detail });
  const refused = (what: string) => new TourniquetError("notifier-refused", `${channel} ${what}`, { channel });
  if (isOurs(failure)) throw refused(`has an address that must not be called: ${leadsInward(setting)}`);
  if (status < 200) throw failed(`cannot be reached: ${reasonOf(failure, deadlineMs)}`);
  if ([408, 425, 429].includes(status) || status >= 500)
    throw failed(`cannot take pages just now (status ${status})`, retryAfter(headers["retry-after"]));
  if (status < 400) throw refused(`redirects, which is not followed (status ${status}): mend ${setting}`);
  throw refused(`refused the page (status ${status}): ${mend(status)}`);
}

/** The guard's own refusal: what the name resolves to is not to be called (outbound/guarded-lookup.ts). */
const isOurs = (failure: Ending["failure"]): boolean =>
  failure instanceof TourniquetError || (failure instanceof Error && failure.cause instanceof TourniquetError);

function reasonOf(failure: Ending["failure"], deadlineMs: number): string {
  if (failure === "deadline") return `no answer within ${deadlineMs} ms`;
  if (failure === "aborted") return "the worker was stopped";
  const { code, name } = (failure ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name ?? "the connection was closed");
}

/** Seconds or a date, as HTTP has it; nothing where it is neither. */
function retryAfter(header: string | string[] | undefined): { retryAfterMs?: number } {
  const text = String(header ?? "").trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? {} : { retryAfterMs: Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) };
}

/** What receivers call a delivery. */
export function answerIdOf({ headers }: Ending): string | null {
  const id = headers["x-slack-unique-id"] ?? headers["x-request-id"];
  return typeof id === "string" && /^[\w.:-]{1,100}$/.test(id) ? id : null;
}
