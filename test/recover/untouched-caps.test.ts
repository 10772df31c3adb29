import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { money } from "../../src/incident/money.ts";
import { type BreachWorld, breachWorld, errors } from "../contain/breach-world.ts";

let world: BreachWorld;
beforeEach(async () => {
  world = await breachWorld();
});
afterEach(() => world.close());

/** As a poller does, so that a freeze would know the caps at once. */
const seeCaps = (daily: string, monthly: string) =>
  world.services.caps.see("agent-7", { dailyCap: money(daily), monthlyCap: money(monthly), alertThreshold: 0.8 });
const caps = async () => {
  const { daily, monthly } = (await world.agent()).caps;
  return { daily, monthly };
};

describe("the stand-down of an incident that left the budget alone", () => {
  it("leaves it alone too: what a person set meanwhile stays", async () => {
    await seeCaps("500.00", "15000.00");
    const id = await world.contained(errors);
    await world.admin.setCaps("agent-7", "50.00", "1500.00");
    expect(await world.calledOff(id)).toEqual({ answer: "caps-untouched" });
    expect(await caps()).toEqual({ daily: "50.00", monthly: "1500.00" });
  });

  it("forgets the caps seen when it opened: a later freeze is undone to those before it, not to older ones", async () => {
    await seeCaps("500.00", "15000.00");
    await world.calledOff(await world.contained(errors));
    await world.admin.setCaps("agent-7", "50.00", "1500.00");
    const id = await world.contained();
    expect(await world.calledOff(id)).toEqual({ answer: "restored" });
    expect(await caps()).toEqual({ daily: "50.00", monthly: "1500.00" });
  });

  it("puts back what an incident before it froze and could not put back itself", async () => {
    const first = await world.contained();
    await world.services.incidents.beginStandDown(first, "ada", "planned");
    const second = await world.contained(errors);
    expect(await world.calledOff(first)).toEqual({ answer: "still-held" });
    expect(await world.calledOff(second)).toEqual({ answer: "restored" });
    expect(await caps()).toEqual({ daily: "500.00", monthly: "15000.00" });
  });
});
