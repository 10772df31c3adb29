import { describe, expect, it } from "vitest";
import { partitionOf, partitionOfAny } from "../../src/redis/partitions.ts";

const hash = "9f86d081884c";
const event = "0123456789abcdef0123456789abcdef";

describe("where something lives", () => {
  it.each([
    [`inc-3-${hash}-1`, 3],
    [`inc-3-${hash}-dry12`, 3],
    [`evt-2-${event}`, 2],
  ])("is said by our own id %s: %d", (id, partition) => {
    expect(partitionOfAny(id, 4)).toBe(partition);
    expect(partitionOfAny(id, partition + 1)).toBe(partition);
  });

  it.each([
    "agent-7",
    "inc-77-acme",
    "inc-77-abc",
    `inc-4-${hash}-1`,
    `inc-1-${hash}`,
    `inc-1-${hash}-1-x`,
    `my-inc-1-${hash}-1`,
    `evt-4-${event}`,
    "evt-1-abc",
    `evt-1-${event}-x`,
    `evt-1-${hash}-1`,
  ])("is by its hash, of an agent that is called %s", (agentId) => {
    expect(partitionOfAny(agentId, 4)).toBe(partitionOf(agentId, 4));
    expect(partitionOfAny(agentId, 1)).toBe(0);
  });
});
