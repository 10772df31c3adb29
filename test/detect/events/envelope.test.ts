import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { understand } from "../../../src/detect/event.ts";
import { readEnvelope } from "../../../src/detect/events/envelope.ts";

const answer = (text: string) => {
  const reading = readEnvelope(text);
  return reading.ok ? "ok" : reading.answer;
};
const nested = (depth: number) => `{"type":"x","deep":${"[".repeat(depth)}${"]".repeat(depth)}}`;

describe("a body that is no event", () => {
  it.each([["{"], [""], ["{'a':1}"], ["\u{feff}{}"], ["NaN"]])("is malformed if it is no JSON: %j", (text) => {
    expect(answer(text)).toBe("malformed");
  });

  it.each([
    ["[]"],
    ["null"],
    ['"text"'],
    ["1"],
    ["{}"],
    ['{"type":7}'],
    ['{"type":""}'],
    ['{"event_type":"two words"}'],
    [`{"type":"${"x".repeat(129)}"}`],
  ])("is invalid if it is JSON of another kind: %j", (text) => {
    expect(answer(text)).toBe("invalid");
  });
});

describe("half a character in a body", () => {
  it("is U+FFFD to whoever judges it, in texts and in names: nothing of ours can keep it as it came", () => {
    const reading = readEnvelope(String.raw`{"type":"x","payload":{"a\ud83d":["\ude00", "\ud83d\ude00"]}}`);
    expect(reading).toMatchObject({ envelope: { payload: { "a\ufffd": ["\ufffd", "\u{1F600}"] } } });
  });
});

describe("a body that is too much", () => {
  it("is refused for its depth, without running out of stack", () => {
    expect(answer(nested(31))).toBe("ok");
    expect(answer(nested(32))).toBe("invalid");
    expect(answer(nested(32_000))).toBe("invalid");
    expect(answer("[".repeat(32_000) + "]".repeat(32_000))).toBe("invalid");
  });

  it("is refused for its keys and items, wherever they are", () => {
    const keys = (count: number) =>
      JSON.stringify({ type: "x", payload: Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])) });
    expect(answer(keys(998))).toBe("ok");
    expect(answer(keys(999))).toBe("invalid");
    expect(answer(JSON.stringify({ type: "x", list: new Array(1_000).fill(0) }))).toBe("invalid");
  });

  it("is refused for a long text", () => {
    expect(answer(JSON.stringify({ type: "x", payload: { note: "n".repeat(16_384) } }))).toBe("ok");
    expect(answer(JSON.stringify({ type: "x", payload: { note: "n".repeat(16_385) } }))).toBe("invalid");
  });

  it("agrees with a plain recursive count on anything JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 40 }), (value) => {
        const text = JSON.stringify({ type: "x", payload: { value } });
        const tooDeep = (v: unknown, depth: number): boolean =>
          typeof v === "object" &&
          v !== null &&
          (depth > 32 || Object.values(v).some((inner) => tooDeep(inner, depth + 1)));
        expect(answer(text) === "invalid").toBe(tooDeep(JSON.parse(text), 1));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a body with hostile or careless keys", () => {
  it("takes __proto__ for an ordinary key", () => {
    const understood = understand(
      '{"type":"budget_exceeded","__proto__":{"agent_id":"ghost"},"payload":{"__proto__":{"agent_id":"ghost"}}}',
    );
    expect(understood).toMatchObject({ ok: false, mistakes: [{ field: "agent_id" }] });
    expect(({} as Record<string, unknown>).agent_id).toBeUndefined();
  });

  it("does not find a type on Object.prototype", () => {
    for (const type of ["constructor", "toString", "__proto__"])
      expect(understand(JSON.stringify({ type }))).toMatchObject({ ok: true, facts: { kind: "unknown" } });
  });

  it("takes the last of two equal keys, as every JSON reader does", () => {
    expect(understand('{"type":"budget_exceeded","agent_id":"a","agent_id":"b"}')).toMatchObject({
      agentId: "b",
    });
  });
});

describe("a payload", () => {
  it("may stand in data, as Standard Webhooks senders write it", () => {
    expect(understand('{"type":"budget_exceeded","data":{"agent_id":"a"}}')).toMatchObject({
      ok: true,
      agentId: "a",
    });
  });

  it("may be null where the fields stand at the top", () => {
    expect(understand('{"event_type":"budget_exceeded","payload":null,"agent_id":"a"}')).toMatchObject({
      ok: true,
    });
  });

  it("is the only mistake named when it is no object", () => {
    expect(understand('{"event_type":"budget_threshold","agent_id":"a","payload":"97"}')).toMatchObject({
      ok: false,
      mistakes: [{ field: "payload" }],
    });
  });

  it("may be anything in a type nobody judges", () => {
    expect(understand('{"event_type":"billing.deposit","payload":[1],"agent_id":"not an id"}')).toMatchObject({
      ok: true,
      agentId: null,
      facts: { kind: "unknown" },
    });
  });
});
