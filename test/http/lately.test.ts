import { describe, expect, it } from "vitest";
import { begunLately } from "../../src/http/lately.ts";
import { until } from "../support/until.ts";

describe("work whose beginning many may share", () => {
  const counting = (withinMs: number, answers: (nth: number) => Promise<number>) => {
    let times = 0;
    const ask = begunLately(withinMs, () => {
      times += 1;
      return answers(times);
    });
    return { ask, times: () => times };
  };

  it("is done once for all who ask within the time, also after it has answered", async () => {
    const { ask, times } = counting(60_000, async (nth) => nth);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    expect([await ask(), times()]).toEqual([1, 1]);
  });

  it("is begun anew for whoever asks later, also while the one before is still under way", async () => {
    const { promise: never } = Promise.withResolvers<number>();
    const { ask } = counting(0, async (nth) => (nth === 1 ? never : nth));
    void ask();
    const asked = performance.now();
    await until(async () => performance.now() > asked, "the clock to go on");
    expect(await ask()).toBe(2);
  });

  it("keeps no failure", async () => {
    const { ask } = counting(60_000, async (nth) => {
      if (nth === 1) throw new Error("away");
      return nth;
    });
    await expect(ask()).rejects.toThrow("away");
    expect(await ask()).toBe(2);
  });
});
