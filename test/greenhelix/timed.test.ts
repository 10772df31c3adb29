import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectGateway } from "../../src/greenhelix/connect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import { type HostileGateway, startHostileGateway } from "./hostile-gateway.ts";

let hostile: HostileGateway;
let gateway: ReturnType<typeof connectGateway>;
beforeEach(async () => {
  hostile = await startHostileGateway();
  const keyFor = oneKey("a2a_pro_0123456789abcdef01234567");
  gateway = connectGateway({ baseUrl: hostile.url, dialect: "rest", keyFor });
});
afterEach(async () => {
  await hostile.close();
  await gateway.close();
});

const body = '{"daily_cap": 5, "monthly_cap": null}';
/** Whole seconds, cut off, as HTTP has them. */
const answer = (aheadMs: number, status = 200) =>
  hostile.play(() => ({ status, headers: { date: new Date(Date.now() + aheadMs).toUTCString() }, body }));
const ask = () => gateway.readBudget("a").catch(() => undefined);
/** To the nearest minute: half of a second and of the time that the answer took may be missing. */
const minutesAhead = () => Math.floor((gateway.now()! - Date.now() + 30_000) / 60_000);

describe("what time it is at the gateway", () => {
  it("is not known before it has answered, nor where it does not say", async () => {
    expect(gateway.now()).toBeNull();
    hostile.play({ body });
    await ask();
    expect(gateway.now()).toBeNull();
    hostile.play({ headers: { date: "yesterday" }, body });
    await ask();
    expect(gateway.now()).toBeNull();
  });

  it.each([5, -5, 0])("is told by its answers: %i min ahead", async (minutes) => {
    answer(minutes * 60_000);
    await ask();
    expect(minutesAhead()).toBe(minutes);
  });

  it("is told by a refusal as well, and not by whatever stands in for it while it is away", async () => {
    answer(300_000, 401);
    await ask();
    answer(-300_000, 502);
    await ask();
    expect(minutesAhead()).toBe(5);
  });

  it("is what it says now, once its clock was set", async () => {
    answer(300_000);
    await ask();
    answer(0);
    await ask();
    expect(minutesAhead()).toBe(0);
  });
});
