import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TourniquetError } from "../src/errors.ts";
import type { Delivery } from "../src/incident/inbox.ts";
import { type Tracing, untraced } from "../src/incident/tracing.ts";
import { createDispatch } from "../src/queues/dispatch.ts";
import { createInbox } from "../src/redis/inbox.ts";
import { createReplicas } from "../src/redis/replicas.ts";
import { openTracing, readTraceparent } from "../src/tracing.ts";
import { openStores, type Stores } from "./redis/open-stores.ts";
import { type OtlpReceiver, startOtlpReceiver } from "./support/otlp-receiver.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const open = (endpoint: string) =>
  openTracing({ tracing: { endpoint, headers: {}, serviceName: "tourniquet" }, logLevel: "silent" }, "api");

describe("a span", () => {
  let collector: OtlpReceiver;
  let tracing: Tracing;
  beforeEach(async () => {
    collector = await startOtlpReceiver();
    tracing = await open(collector.url);
  });
  afterEach(() => collector.close());
  const spans = async () => {
    await tracing.close();
    return new Map(collector.spans.map((span) => [span.name, span]));
  };

  it("belongs to what runs, to the parent that it names, or to nothing", async () => {
    await tracing.span({ name: "first", kind: "server" }, async () => {
      await tracing.span({ name: "inside", kind: "client" }, async () =>
        tracing.note({ answer: "yes", left: undefined }),
      );
      await tracing.span({ name: "named", kind: "consumer", parent: PARENT }, async () => undefined);
    });
    const found = await spans();
    const [first, inside, named] = ["first", "inside", "named"].map((name) => found.get(name)!);
    expect([first!.parentSpanId, inside!.parentSpanId, named!.parentSpanId]).toEqual([
      "",
      first!.spanId,
      "00f067aa0ba902b7",
    ]);
    expect([inside!.traceId, named!.traceId]).toEqual([first!.traceId, TRACE]);
    expect(inside!.attributes).toEqual({ answer: "yes" });
  });

  it("is known to what runs in it, also after waiting, and to nothing else", async () => {
    const known = await tracing.span({ name: "one", kind: "consumer", parent: PARENT }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return [tracing.traceId(), tracing.traceparent()];
    });
    expect(known[0]).toBe(TRACE);
    expect(known[1]).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect([tracing.traceId(), tracing.traceparent()]).toEqual([undefined, undefined]);
    await tracing.close();
  });

  it("says what kind of failure ended it, and none of its words", async () => {
    const failing = tracing.span({ name: "failing", kind: "client" }, async () => {
      throw new TourniquetError("gateway-failed", "the gateway said: secret words");
    });
    await expect(failing).rejects.toThrow("secret words");
    const found = (await spans()).get("failing");
    expect(found).toMatchObject({ isError: true, attributes: { "error.type": "gateway-failed" } });
    expect(collector.bodies.join()).not.toContain("secret words");
  });

  it("is not sent where the trace that it belongs to is not recorded, and passes that on", async () => {
    const passedOn = await tracing.span(
      { name: "left out", kind: "consumer", parent: PARENT.replace(/01$/, "00") },
      async () => tracing.traceparent(),
    );
    expect(passedOn).toMatch(/-00$/);
    expect((await spans()).size).toBe(0);
  });
});

describe("a traceparent", () => {
  it("is read as W3C Trace Context has it", () => {
    const read = { traceId: TRACE, spanId: "00f067aa0ba902b7", traceFlags: 1, isRemote: true };
    expect(readTraceparent(PARENT)).toEqual(read);
    expect(readTraceparent(PARENT.replace(/^00/, "cc").concat("-what-is-new"))).toEqual(read);
    expect(readTraceparent(PARENT.replace(/01$/, "02"))?.traceFlags).toBe(0);
  });

  it.each([
    "",
    "00-0",
    PARENT.toUpperCase(),
    PARENT.replace(/^00/, "ff"),
    PARENT.replace(TRACE, "0".repeat(32)),
    PARENT.replace("00f067aa0ba902b7", "0".repeat(16)),
    `${PARENT}00`,
    `x${PARENT}`,
  ])("is nothing where it is %j", (text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });
});

describe("what travels", () => {
  let stores: Stores;
  const tracing: Tracing = { ...untraced, traceparent: () => PARENT };
  beforeEach(async () => {
    stores = await openStores();
  });
  afterEach(() => stores.close());
  const delivery: Delivery = {
    ...{ raw: "{}", type: "x", agentId: null, source: "webhook", decided: null, next: null },
    identity: { by: "id", value: "1" },
  };

  it("is kept with the event, so that a job that was lost comes back with it", async () => {
    const inbox = createInbox(stores.redis, 1, async () => undefined, createReplicas(stores.redis, 0), tracing);
    const { eventId } = await inbox.accept(delivery);
    expect((await inbox.load(eventId))?.traceparent).toBe(PARENT);
    const other = await stores.inbox.accept({ ...delivery, identity: { by: "id", value: "2" } });
    expect(await stores.inbox.load(other.eventId)).not.toHaveProperty("traceparent");
  });

  it("is in the options of a job, whose data stays ids only; untraced jobs have none", async () => {
    const added: unknown[] = [];
    const queues = { of: () => ({ add: async (...job: unknown[]) => void added.push(job) }) } as never;
    await createDispatch(queues, () => 0, tracing).add("contain", "inc-0-1", "job-1", { incidentId: "inc-0-1" });
    await createDispatch(queues, () => 0).add("contain", "inc-0-1", "job-1", { incidentId: "inc-0-1" });
    expect(added).toEqual([
      ["contain", { incidentId: "inc-0-1" }, { jobId: "job-1", telemetry: { metadata: PARENT } }],
      ["contain", { incidentId: "inc-0-1" }, { jobId: "job-1" }],
    ]);
  });
});

describe("where no collector is named", () => {
  it("nothing of OpenTelemetry is loaded", () => {
    const script = `
      import { createRequire } from "node:module";
      const { openTracing } = await import("./src/tracing.ts");
      await import("./src/services.ts");
      const tracing = await openTracing({ tracing: undefined, logLevel: "silent" }, "api");
      console.log(await tracing.span({ name: "x", kind: "server" }, async () => "done"));
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("@opentelemetry")).length);
    `;
    const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
    expect(said).toBe("done\n0\n");
  });
});
