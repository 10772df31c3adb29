import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { FloodLimits } from "../../src/http/flood-guard.ts";
import { until } from "../support/until.ts";
import { type Api, budgetEvent, nativeHeaders, openApi } from "./api.ts";

let api: Api;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await api.close();
});

/** Everything comes through a proxy on this machine, as it does behind one that speaks TLS. */
const behindProxy = (floodLimits: Partial<FloodLimits> = {}) =>
  openApi({ floodLimits, ports: () => ({ trustedProxies: ["127.0.0.1"] }) });

const signed = async (from: string) => {
  const raw = JSON.stringify(budgetEvent(50, { id: `${from}-${performance.now()}` }));
  return (await api.post(raw, { headers: { ...nativeHeaders(raw), "x-forwarded-for": from } })).status;
};
const unsigned = async (from: string) =>
  (await api.post(budgetEvent(), { headers: { "x-forwarded-for": from } })).status;

/** Posts that begin a body and never end it, each on a connection of its own; answers what each was told so far. */
async function slowly(count: number, from: string): Promise<() => string[]> {
  const told = Array<string>(count).fill("");
  const head = `POST /webhooks/greenhelix HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${from}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`;
  const { hostname, port } = new URL(api.url);
  await Promise.all(
    told.map((_, index) => {
      const socket = connect(Number(port), hostname);
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        told[index] += chunk.toString("latin1");
      });
      return new Promise<void>((resolve) => socket.once("connect", () => socket.write(head, () => resolve())));
    }),
  );
  return () => told;
}
const statuses = (told: () => string[]) => told().map((text) => text.slice(9, 12));

describe("bad signatures that come through a proxy of ours", () => {
  it("block the address they come from, and not the gateway that comes through the same proxy", async () => {
    api = await behindProxy();
    for (let index = 0; index < 11; index += 1) expect(await unsigned("198.51.100.66")).toBe(401);
    expect(await unsigned("198.51.100.66:4711")).toBe(429);
    expect(await signed("203.0.113.7")).toBe(202);
  });
});

describe("bodies that come slowly", () => {
  it("take no more than its share from one address, and nothing from another", async () => {
    api = await behindProxy({ concurrent: 12, strangers: 8, oneStranger: 4 });
    const told = await slowly(6, "198.51.100.66");
    await until(async () => statuses(told).filter((status) => status === "429").length === 2, "two being turned away");
    expect(await signed("203.0.113.7")).toBe(202);
  });

  it("take nothing from an address that proved itself, however many addresses they come from", async () => {
    api = await behindProxy({ concurrent: 6, strangers: 4, oneStranger: 2 });
    expect(await signed("203.0.113.7")).toBe(202);
    for (const last of [1, 2, 3, 4]) await slowly(2, `198.51.100.${last}`);
    expect(await Promise.all([signed("203.0.113.7"), signed("203.0.113.7")])).toEqual([202, 202]);
  });

  it("give their places to whoever comes, also from the same address, and are told so", async () => {
    api = await behindProxy({ concurrent: 3, strangers: 3, oneStranger: 3 });
    const told = await slowly(3, "198.51.100.66");
    await until(async () => (await signed("198.51.100.66")) === 202, "a whole body being taken", 5_000, 200);
    await until(async () => statuses(told).includes("429"), "one of the slow being told");
    expect(statuses(told).filter((status) => status === "429")).toHaveLength(1);
    expect(told().join("")).toMatch(/too slowly/);
  });
});
