import { describe, expect, it } from "vitest";
import { cancellationRate } from "../../../src/detect/rules/cancellation-rate.ts";
import type { WindowEntry } from "../../../src/incident/windows.ts";
import { defaultThresholds } from "../../../src/settings/thresholds.ts";
import { cancelled, escrows, noon, windowOf } from "./windows.ts";

const find = (entries: readonly WindowEntry[], at = noon) =>
  cancellationRate.find({ ...windowOf(entries), at }, defaultThresholds);
const to = (payee: string, count: number) => escrows(count, { payee, from: noon + payee.length * 100 });

describe("an agent that cancels more than half of its escrows within the hour (D6)", () => {
  it("says how many, how much, and names the payee with most of the cancelled", () => {
    const churn = [...cancelled(to("mallory", 5), 60_000), ...cancelled(to("ada", 2), 60_000), ...to("eve", 5)];
    expect(find(churn)).toMatchObject({
      severity: "critical",
      suspectPayee: "mallory",
      thresholds: { share: 0.5, minimumCount: 10, windowMs: 3_600_000 },
      observed: { cancelled: 7, escrows: 12, total: "1050.00", payee: "mallory" },
      sentence: "7 of 12 escrows cancelled within 60 min, $1,050.00 in all, most of them to mallory",
    });
  });

  it("is measured against every escrow of the hour, those that settled and those that time ran out for", () => {
    const ends = (["settled", "expired"] as const).flatMap((state, index) =>
      to(`payee-${index}`, 3).map((entry) => ({
        ...entry,
        end: { state, at: entry.at + 10, eventId: "evt-0-end", isOurs: false },
      })),
    );
    expect(find([...cancelled(to("mallory", 6)), ...ends])).toBeNull();
    expect(find([...cancelled(to("mallory", 7)), ...ends])).not.toBeNull();
  });

  it("does not count what containment took back, neither as cancelled nor as an escrow", () => {
    const ours = cancelled(to("mallory", 20)).map((entry) => ({ ...entry, end: { ...entry.end!, isOurs: true } }));
    expect(find([...ours, ...to("ada", 9)])).toBeNull();
    expect(find([...ours, ...cancelled(to("ada", 9))])).toBeNull();
    expect(find([...ours, ...cancelled(to("ada", 10))])).toMatchObject({ observed: { cancelled: 10, escrows: 10 } });
  });

  it("names nobody where no cancellation said whom it was to pay", () => {
    const view = windowOf(cancelled(escrows(10)));
    const nameless = { ...view, at: noon, escrows: view.escrows.map((escrow) => ({ ...escrow, payee: null })) };
    expect(cancellationRate.find(nameless, defaultThresholds)).toMatchObject({ suspectPayee: null });
  });

  it("looks at the hours that end at the event or later: what an earlier event concluded is not concluded again", () => {
    const churn = cancelled(escrows(10), 60_000);
    const hourLater = noon + 9_000 + 60_000;
    expect(find(churn, hourLater)).not.toBeNull();
    expect(find(churn, hourLater + 1)).toBeNull();
  });
});
