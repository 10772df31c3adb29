import { TourniquetError } from "../../errors.ts";
import { call } from "../../sandbox/call.ts";

const TYPES = ["budget_threshold", "escrow_state_change", "reputation_change"];

/** Registers our webhook with the sandbox over the gateway's own route and proves it with its test ping. Answers a sentence. */
export async function registerWebhook(sandboxUrl: string, url: string, secret: string): Promise<string> {
  const key = "sandbox-admin-tourniquet";
  const registered = await call(sandboxUrl, "POST", "/v1/infra/webhooks", { url, event_types: TYPES, secret }, key);
  if (registered.status !== 201)
    throw new TourniquetError(
      "gateway-refused",
      `the sandbox did not take our webhook: ${JSON.stringify(registered.body)}`,
    );
  const { id } = registered.body as { id: string };
  const ping = await call(sandboxUrl, "POST", `/v1/infra/webhooks/${id}/test`, undefined, key);
  const { status } = ping.body as { status: string };
  if (status !== "delivered")
    throw new TourniquetError("gateway-refused", `the test ping did not arrive: ${JSON.stringify(ping.body)}`);
  return `${url} registered, test ping delivered`;
}
