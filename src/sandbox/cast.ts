import { request } from "undici";
import { signA2a } from "../greenhelix/signature.ts";
import { call } from "./call.ts";
import type { Act, Release, Report } from "./scenarios/act.ts";

/** Who plays: every act is a call over the gateway's own routes, with the key of whoever does it. */
export interface Cast {
  perform(act: Exclude<Act, { does: "loop" }>): Promise<Answer>;
}

/** refused-by-caps: the agent is frozen, nothing it does that way can matter any more. */
export type Answer = "done" | "refused" | "refused-by-caps";

export interface CastParts {
  sandboxUrl: string;
  /** Where agents send their telemetry, and the secret it is signed with. */
  activity?: { url: string; secret: string } | undefined;
  /** Agents whose SDK keeps refusals until errors are sent. */
  reporting: ReadonlySet<string>;
  now(): number;
}

interface Opened {
  id: string;
  payer: string;
  payee: string;
}

export function createCast(parts: CastParts): Cast {
  /** Oldest first; whoever took part remembers it, whatever has become of it since. */
  const opened: Opened[] = [];
  const errors: ActivityEvent[] = [];
  const as = (agentId: string) => `sandbox-agent-${agentId}`;
  const post = (path: string, body: unknown, agentId: string) =>
    call(parts.sandboxUrl, "POST", path, body, as(agentId));
  const forget = (one: Opened) => void opened.splice(opened.indexOf(one), 1);

  return {
    async perform(act) {
      switch (act.does) {
        case "open": {
          const { payer, payee, amount } = act;
          const answer = await post("/v1/payments/escrows", { payer, payee, amount }, payer);
          if (answer.status === 201) opened.push({ id: (answer.body as { id: string }).id, payer, payee });
          else if (parts.reporting.has(payer)) errors.push(errorOf(payer, answer, parts.now()));
          return refusal(answer);
        }
        case "cancel-newest": {
          const newest = opened.findLast(({ payer }) => payer === act.payer);
          if (!newest) return "refused";
          forget(newest);
          return refusal(await post(`/v1/payments/escrows/${newest.id}/cancel`, undefined, act.payer));
        }
        case "release":
          return release(act);
        case "lift-caps": {
          const caps = { daily_cap: act.daily, monthly_cap: act.monthly };
          const path = `/v1/billing/wallets/${act.agentId}/budget`;
          return refusal(await call(parts.sandboxUrl, "PUT", path, caps, as(act.agentId)));
        }
        case "open-by-batch": {
          const { payer, payee, amount, count } = act;
          const one = { tool: "create_escrow", params: { payer, payee, amount } };
          const answer = await post("/v1/batch", { calls: Array(count).fill(one) }, payer);
          const { results = [] } = answer.body as { results?: { success: boolean; result: { id: string } }[] };
          const made = results.filter(({ success }) => success);
          opened.push(...made.map(({ result }) => ({ id: result.id, payer, payee })));
          return made.length > 0 ? "done" : "refused";
        }
        case "upload-key":
          return refusal(
            await post("/v1/identity/agents", { agent_id: act.agentId, public_key: act.publicKey }, act.agentId),
          );
        case "rate":
          return refusal(
            await call(parts.sandboxUrl, "PUT", `/_sandbox/agents/${act.agentId}/reputation`, { score: act.score }, ""),
          );
        case "withdraw":
          return refusal(
            await post(`/v1/billing/wallets/${act.agentId}/withdraw`, { amount: act.amount }, act.agentId),
          );
        case "report":
          await send(parts, eventsOf(act, parts.now()));
          return "done";
        case "send-errors":
          if (errors.length > 0) await send(parts, errors.splice(0));
          return "done";
      }
    },
  };

  /** All at once: whoever races does not wait for one answer before the next call. */
  async function release({ by, payer, payee, count }: Release): Promise<Answer> {
    const owed = opened.filter((one) => one.payer === payer && one.payee === payee);
    const due = owed.slice(0, count === "all" ? undefined : count);
    for (const one of due) forget(one);
    const actor = by === "payer" ? payer : payee;
    const answers = await Promise.all(
      due.map(({ id }) => post(`/v1/payments/escrows/${id}/release`, undefined, actor)),
    );
    return answers.some(({ status }) => status === 200) ? "done" : "refused";
  }
}

function refusal({ status, body }: { status: number; body: unknown }): Answer {
  if (status < 300) return "done";
  return /budget-exceeded|wallet-frozen/.test(String((body as { type?: unknown } | null)?.type))
    ? "refused-by-caps"
    : "refused";
}

/** In the second seed's form. */
interface ActivityEvent {
  timestamp: string;
  agent_id: string;
  event_type: Report["type"];
  details: Readonly<Record<string, unknown>>;
}

/** What an SDK makes of a refusal: the last part of the problem's type is its code. */
function errorOf(agentId: string, { status, body }: { status: number; body: unknown }, nowMs: number): ActivityEvent {
  const { type, detail } = (body ?? {}) as { type?: string; detail?: string };
  const details = { code: String(type).split("/").at(-1), message: detail, status };
  return { timestamp: new Date(nowMs).toISOString(), agent_id: agentId, event_type: "error", details };
}

function eventsOf(
  { agentId, type, details, bodyBytes, times = 1, spanMs = 0 }: Report,
  nowMs: number,
): ActivityEvent[] {
  const filled =
    bodyBytes === undefined
      ? details
      : { ...details, parameters: { ...(details.parameters as object), body: "x".repeat(bodyBytes) } };
  return Array.from({ length: times }, (_, index) => ({
    timestamp: new Date(nowMs - (times === 1 ? 0 : (spanMs * (times - 1 - index)) / (times - 1))).toISOString(),
    agent_id: agentId,
    event_type: type,
    details: filled,
  }));
}

/** Alone as an object, several as a list: agents send both. */
async function send({ activity }: CastParts, events: readonly ActivityEvent[]): Promise<void> {
  if (!activity) return;
  const body = JSON.stringify(events.length === 1 ? events[0] : events);
  const answer = await request(activity.url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-a2a-signature": signA2a(activity.secret, body) },
    body,
  });
  const said = await answer.body.text();
  // A drill whose telemetry is refused would prove nothing about what is made of it.
  if (answer.statusCode !== 202) throw new Error(`the activity intake answered ${answer.statusCode}: ${said}`);
}
