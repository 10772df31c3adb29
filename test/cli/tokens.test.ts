import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, openApi, tokens } from "../http/api.ts";
import { bearer, logIn } from "../http/logging-in.ts";
import { runCommand } from "./run-command.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi({ tokens });
});
afterAll(() => api.close());

describe("tourniquet tokens", () => {
  it("makes one that opens the API for its role, lists it without its secret, and revokes it with its logins", async () => {
    const made = await runCommand(
      "tokens",
      "create",
      "--name",
      "ada",
      "--role",
      "viewer",
      "--expires",
      "90d",
      "--by",
      "ben",
    );
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^tqt_[\w-]{43}$/)]);
    const [, id = ""] = /(tok-[0-9a-f]{12}) for ada \(viewer\), until \d{4}-/.exec(made.err) ?? [];
    expect(id).not.toBe("");
    const secret = made.out;
    expect((await api.get("/api/session", bearer(secret))).body).toMatchObject({ role: "viewer", name: "ada" });
    const { cookie } = await logIn(api, secret);
    expect((await api.get("/api/session", { cookie })).status).toBe(200);

    const listed = await runCommand("tokens", "list");
    expect(listed.out).toMatch(new RegExp(`${id} +ada +viewer +\\S+Z +${new Date().toISOString().slice(0, 10)} +ben`));
    const asJson = await runCommand("tokens", "list", "--json");
    expect(JSON.parse(asJson.out)).toMatchObject([{ id, name: "ada", role: "viewer", createdBy: "ben" }]);
    expect(listed.out + asJson.out).not.toContain(secret);

    const revoked = await runCommand("tokens", "revoke", id, "--by", "ben");
    expect([revoked.code, revoked.out]).toEqual([0, `${id} of ada is revoked`]);
    expect((await api.get("/api/session", { cookie })).status).toBe(401);
    const again = await runCommand("tokens", "revoke", id, "--by", "ben");
    expect([again.code, again.err]).toEqual([1, `tourniquet: There is no token ${id}.`]);
  });

  it("makes one without an end, says so, and leaves in the audit trail who made it for whom and nothing of it", async () => {
    const made = await runCommand("tokens", "create", "--name", "bot", "--role", "agent", "--json");
    const { id, secret } = JSON.parse(made.out) as { id: string; secret: string };
    const listed = await runCommand("tokens", "list");
    expect(listed.out).toMatch(new RegExp(`${id} +bot +agent +no end +never`));
    const trail = await runCommand("audit", "list", "--json");
    expect(trail.out).toContain('"action":"createToken"');
    expect(trail.out).toContain('"name":"bot"');
    expect(trail.out).not.toContain(secret);
  });

  it("refuses what is no role, no length and no name, in words", async () => {
    const role = await runCommand("tokens", "create", "--name", "ada", "--role", "root");
    expect([role.code, role.err]).toEqual([
      2,
      expect.stringContaining("Allowed choices are agent, viewer, responder, admin"),
    ]);
    const length = await runCommand("tokens", "create", "--name", "ada", "--role", "viewer", "--expires", "soon");
    expect([length.code, length.err]).toEqual([2, expect.stringContaining("such as 12h or 90d")]);
    const name = await runCommand("tokens", "create", "--name", " ", "--role", "viewer");
    expect([name.code, name.err]).toEqual([2, "tourniquet: The token was not made: name must say who."]);
  });
});
