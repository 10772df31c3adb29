import { expect, it } from "vitest";
import type { Gateway, Transaction } from "../../../src/incident/gateway.ts";
import { money } from "../../../src/incident/money.ts";
import { AGENT, openLooks } from "./looks.ts";

const row = (id: string, createdAt: number | undefined): Transaction => ({
  ...{ id, createdAt, amount: money("-12010.00"), type: "withdrawal", description: `payment:${id}` },
  idempotencyKey: undefined,
});

it("what one look finds is told of oldest first, however the gateway lists it, and what has no time comes last", async () => {
  const looks = await openLooks();
  const { services } = looks.world;
  const now = await services.clock.now();
  const rows = [
    row("timeless", undefined),
    row("third", now - 1),
    row("second", now - 2_000),
    row("first", now - 4_000),
  ];
  const gateway: Gateway = { ...services.gateway, listTransactions: async () => rows };
  const accepted: string[] = [];
  const inbox = {
    ...services.inbox,
    accept: (delivery: Parameters<typeof services.inbox.accept>[0]) => {
      accepted.push(...(/"payment:(\w+)"/.exec(delivery.raw)?.slice(1) ?? []));
      return services.inbox.accept(delivery);
    },
  };
  await looks.run({ look: "agent", agentId: AGENT, everyMs: 0 }, { gateway, inbox });
  expect(accepted).toEqual(["first", "second", "third", "timeless"]);
  await looks.close();
});

it("what happens at a gateway whose clock is set back is found, though its times are older than what was seen", async () => {
  const looks = await openLooks();
  const { services } = looks.world;
  const now = await services.clock.now();
  const rows = [row("before", now - 1_000)];
  let there = now;
  const listTransactions: Gateway["listTransactions"] = async (_, since) =>
    rows.filter(({ createdAt }) => createdAt! >= since);
  const gateway: Gateway = { ...services.gateway, listTransactions, now: () => there };
  const look = () => looks.run({ look: "agent", agentId: AGENT, everyMs: 0 }, { gateway });
  await look();
  there = now - 90_000;
  rows.push(row("after", there));
  await look();
  await look();
  const told = (await looks.events()).flatMap(({ facts }) =>
    facts.kind === "transaction" ? [facts.transactionId] : [],
  );
  expect(told.sort()).toEqual(["after", "before"]);
  await looks.close();
});
