import { describe, it } from "vitest";
import { signA2a } from "../../src/greenhelix/signature.ts";
import { HOOK_SECRET } from "../notify/notifiers/channels.ts";
import { startReceiver } from "../notify/receiver.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "../support/otlp-receiver.ts";
import { inProduct, type Product, SECRET } from "../support/product.ts";
import { until } from "../support/until.ts";

const SENDERS = "4bf92f3577b34da6a3ce929d0e0e4736";
const AGENT = "procurement-17";
/** Less than an export may take (5 s): nobody waited for it. */
const EXIT_WITHIN_MS = 4_000;

/** A webhook that contains its agent at once, from a sender that traces too. */
async function sendEmergency(apiUrl: string): Promise<void> {
  const body = JSON.stringify({ event_type: "budget_threshold", agent_id: AGENT, payload: { utilization_pct: 97 } });
  const headers = {
    "content-type": "application/json",
    "x-a2a-signature": signA2a(SECRET, body),
    traceparent: `00-${SENDERS}-00f067aa0ba902b7-01`,
  };
  await fetch(`${apiUrl}/webhooks/greenhelix`, { method: "POST", headers, body });
}

async function contained({ services }: Product): Promise<string> {
  const [incident] = await until(async () => {
    const found = await services.incidents.list(1);
    return found[0]?.status === "contained" && found;
  }, "containment");
  return incident!.id;
}

/** Both at once, as an operator or a cluster would: how they ended, and after how long. */
async function stopAll({ api, workers }: Product) {
  const startedAt = performance.now();
  const stopping = [api, ...workers].map(async (one) => {
    one.signal("SIGTERM");
    return (await one.ended).code;
  });
  return { codes: await Promise.all(stopping), tookMs: performance.now() - startedAt };
}

const environmentOf = (collector: string, pages: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=a%20key%20of%20ours",
  NOTIFY_WEBHOOK_URL: `${pages}/pages-secret-path`,
  NOTIFY_WEBHOOK_SECRET: HOOK_SECRET,
});

describe.concurrent("traces", { timeout: 90_000 }, () => {
  it("run under one id from the webhook through its jobs to the calls of the gateway and the page", async ({
    expect,
  }) => {
    const [collector, pages] = await Promise.all([startOtlpReceiver(), startReceiver()]);
    const environment = environmentOf(collector.url, pages.url);
    await inProduct({ workers: ["containment", "notification"], environment }, async (product) => {
      await product.admin.placeAgent(AGENT, { balance: "1000.00" });
      await product.admin.setCaps(AGENT, "500.00", "5000.00");
      await product.admin.holdEscrows(AGENT, "flaky-upstream", "10.00", 2);
      await sendEmergency(product.api.url);
      const incidentId = await contained(product);
      await until(async () => pages.received.length > 0, "the page");
      const { codes } = await stopAll(product);
      expect(codes).toEqual([0, 0, 0]);

      const webhook = collector.spans.find(({ links }) => links.includes(SENDERS))!;
      expect(webhook).toMatchObject({
        name: "POST /webhooks/greenhelix",
        parentSpanId: "",
        links: [SENDERS],
        process: "api",
      });
      expect(webhook.attributes).toMatchObject({ "http.response.status_code": 202, "tourniquet.answer": "accepted" });
      expect(webhook.traceId).not.toBe(SENDERS);
      const ours = collector.spans.filter(({ traceId }) => traceId === webhook.traceId);
      expect(new Set(ours.map(({ process }) => process))).toEqual(
        new Set(["api", "worker:containment", "worker:notification"]),
      );
      const one = (name: string) => ours.find((span) => span.name === name)!;
      const [freeze, contain, page] = [one("process freeze"), one("process contain"), one("process notification")];
      expect(freeze.parentSpanId).toBe(webhook.spanId);
      expect(contain.parentSpanId).toBe(freeze.spanId);
      expect(ours.map(({ spanId }) => spanId)).toContain(page.parentSpanId);
      expect(freeze.attributes).toMatchObject({
        "messaging.destination.name": "freeze",
        "tourniquet.agent_id": AGENT,
        "tourniquet.incident_id": incidentId,
        "tourniquet.answer": "opened",
      });
      const cap = one("PUT /v1/billing/wallets/{id}/budget");
      expect(cap).toMatchObject({ kind: "client", parentSpanId: freeze.spanId });
      expect(cap.attributes).toMatchObject({
        "http.request.method": "PUT",
        "url.template": "/v1/billing/wallets/{id}/budget",
        "http.response.status_code": 200,
        "tourniquet.tool": "set_budget_cap",
      });
      expect(ours.filter(({ name }) => name === "POST /v1/payments/escrows/{id}/cancel")).toHaveLength(2);
      expect(one("POST page webhook").attributes).toMatchObject({ "http.response.status_code": 202 });
      expectOrdered(ours, webhook);
      expectNoSecrets(collector, product);
      // The log of every process has it too.
      for (const process of product.workers) expect(process.output()).toContain(`"traceId":"${webhook.traceId}"`);
      function expectOrdered(spans: readonly ReceivedSpan[], root: ReceivedSpan) {
        const known = new Set(spans.map(({ spanId }) => spanId));
        expect(spans.filter((span) => span !== root && !known.has(span.parentSpanId))).toEqual([]);
      }
      function expectNoSecrets({ bodies, requests }: OtlpReceiver, { environment: all }: Product) {
        const secrets = [
          SECRET,
          HOOK_SECRET,
          all.GREENHELIX_API_KEY!,
          "pages-secret-path",
          "a key of ours",
          "utilization",
        ];
        for (const secret of secrets) expect(bodies.join("\n")).not.toContain(secret);
        expect(requests.every(({ path }) => path === "/v1/traces")).toBe(true);
        expect(requests[0]?.headers["x-collector-key"]).toBe("a key of ours");
      }
    });
    await Promise.all([collector.close(), pages.close()]);
  });

  it.for([["hangs"], ["is not there"]])(
    "delay neither a freeze nor a shutdown where the collector %s",
    async ([how], { expect }) => {
      const [collector, pages] = await Promise.all([startOtlpReceiver({ hangs: true }), startReceiver()]);
      const at = how === "hangs" ? collector.url : "http://127.0.0.1:9";
      await inProduct({ workers: ["containment"], environment: environmentOf(at, pages.url) }, async (product) => {
        await product.admin.placeAgent(AGENT);
        await product.admin.setCaps(AGENT, "500.00", "5000.00");
        await sendEmergency(product.api.url);
        const incident = await product.services.incidents.load(await contained(product));
        expect(incident!.effectiveAt! - incident!.receivedAt).toBeLessThan(3_000);
        if (how === "hangs") await until(async () => collector.requests.length >= 2, "both to have sent spans");
        else await until(async () => product.api.output().includes("tracing.failed"), "the log to say so");
        const { codes, tookMs } = await stopAll(product);
        expect(codes).toEqual([0, 0]);
        expect(tookMs).toBeLessThan(EXIT_WITHIN_MS);
      });
      await Promise.all([collector.close(), pages.close()]);
    },
  );
});
