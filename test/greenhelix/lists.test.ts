import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConnectedGateway, connectGateway } from "../../src/greenhelix/connect.ts";
import { oneKey } from "../../src/greenhelix/keys.ts";
import { money } from "../../src/incident/money.ts";
import { type HostileGateway, type SeenRequest, startHostileGateway } from "./hostile-gateway.ts";

const dialects = ["rest", "tools"] as const;
let hostile: HostileGateway;
let gateways: Record<"rest" | "tools", ConnectedGateway>;

beforeEach(async () => {
  hostile = await startHostileGateway();
  const connect = (dialect: "rest" | "tools") =>
    connectGateway({ baseUrl: hostile.url, dialect, keyFor: oneKey("key") });
  gateways = { rest: connect("rest"), tools: connect("tools") };
});

afterEach(async () => {
  await hostile.close();
  await Promise.all([gateways.rest.close(), gateways.tools.close()]);
});

/** The page a request asks for, in either form. */
function asked({ line, body }: SeenRequest): { limit: number | undefined; offset: number } {
  const query = new URL(line.split(" ")[1]!, "http://x").searchParams;
  const input = body === "" ? {} : JSON.parse(body).input;
  const given = (name: string) => query.get(name) ?? input[name];
  return { limit: given("limit") && Number(given("limit")), offset: Number(given("offset") ?? 0) };
}

const row = (n: number, more: object = {}) => ({
  id: `e${n}`,
  payer: "a",
  payee: "p",
  amount: "150.00",
  status: "held",
  ...more,
});

async function heldIds(dialect: "rest" | "tools"): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of gateways[dialect].listEscrows("a", { held: true })) ids.push(...page.map(({ id }) => id));
  return ids;
}

describe.each(dialects)("312 held escrows, in the %s form,", (dialect) => {
  const escrows = Array.from({ length: 312 }, (_, n) => row(n));

  it.each([50, 20, 7])("are all found on a gateway that gives no more than %i rows a page", async (cap) => {
    hostile.play((request) => {
      const { limit = cap, offset } = asked(request);
      return { body: JSON.stringify({ escrows: escrows.slice(offset, offset + Math.min(limit, cap)) }) };
    });
    expect(await heldIds(dialect)).toEqual(escrows.map(({ id }) => id));
  });

  it("are all found on a gateway that knows neither limit nor offset", async () => {
    hostile.play({ body: JSON.stringify({ escrows }) });
    expect(await heldIds(dialect)).toHaveLength(312);
  });

  it("are all found in a bare list of the seeds' rows", async () => {
    const seeds = escrows.map(({ id }) => ({
      escrow_id: id,
      payer_id: "a",
      payee_id: "p",
      amount: 150,
      status: "funded",
    }));
    hostile.play({ body: JSON.stringify(seeds) });
    expect(await heldIds(dialect)).toHaveLength(312);
  });

  it("are all found when their rows are bloated so that no page of them can be read", async () => {
    hostile.play((request) => {
      const { limit = 312, offset } = asked(request);
      const rows = escrows.slice(offset, offset + limit);
      return { body: JSON.stringify({ escrows: rows.map((each) => ({ ...each, description: "x".repeat(30_000) })) }) };
    });
    expect(await heldIds(dialect)).toHaveLength(312);
  });

  it("are given page by page, the first before the second has come", async () => {
    hostile.play((request) => {
      const { offset } = asked(request);
      return offset === 0 ? { body: JSON.stringify({ escrows: escrows.slice(0, 50) }) } : { delivery: "hang" };
    });
    const pages = gateways[dialect].listEscrows("a", { held: true }, { deadlineMs: 300 });
    const first = await pages[Symbol.asyncIterator]().next();
    expect(first.value).toHaveLength(50);
  });
});

describe.each(dialects)("a list in the %s form", (dialect) => {
  it("gives the rows it can read, and then says that some it could not", async () => {
    const escrows = [row(1), row(2, { amount: "a lot" }), row(3), { status: "held" }];
    hostile.play((request) => ({ body: JSON.stringify({ escrows: escrows.slice(asked(request).offset) }) }));
    const ids: string[] = [];
    const read = (async () => {
      for await (const page of gateways[dialect].listEscrows("a", { held: true }))
        ids.push(...page.map(({ id }) => id));
    })();
    await expect(read).rejects.toMatchObject({ code: "gateway-unreadable", detail: { unreadable: expect.anything() } });
    expect(ids).toEqual(["e1", "e3"]);
  });

  it("without a list in it is not taken for an empty one", async () => {
    hostile.play({ body: '{"error_count": 0}' });
    await expect(heldIds(dialect)).rejects.toMatchObject({ code: "gateway-unreadable" });
  });
});

describe("a gateway of the tools form that refuses limit and offset", () => {
  it("has given the whole list at once", async () => {
    hostile.play((request) =>
      asked(request).limit
        ? { status: 422 }
        : { body: JSON.stringify({ escrows: [row(1), row(2), row(3, { amount: "0.01" })] }) },
    );
    expect(await heldIds("tools")).toEqual(["e1", "e2", "e3"]);
    expect(await gateways.tools.readEscrow("a", "e3")).toMatchObject({ amount: money("0.01") });
  });
});
