import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config.ts";
import type { DoctorPorts } from "../../../src/doctor/item.ts";
import { tokens } from "../../../src/doctor/items/tokens.ts";
import { TourniquetError } from "../../../src/errors.ts";

const GREENHELIX_WEBHOOK_SECRETS = `whsec_${Buffer.from("tokens".repeat(6)).toString("base64")}`;
const services = new TourniquetError("redis-unavailable", "Redis is away");
const measured = (env: Record<string, string>) =>
  tokens.measure(
    { config: readConfig({ GREENHELIX_WEBHOOK_SECRETS, ...env }), services } as DoctorPorts,
    AbortSignal.timeout(1_000),
  );

describe("a terminal without any token", () => {
  it("is told that the API may have one that is not seen from there", async () => {
    const { state, found, mend } = await measured({});
    expect([state, found]).toEqual(["warn", expect.stringContaining("in this terminal's environment no token")]);
    expect(mend).toContain("It may have one that is not seen from here, as an npm start makes for itself");
  });

  it("and with one is as it should be", async () => {
    expect(await measured({ ADMIN_TOKEN: "a-long-enough-token-of-the-admin" })).toMatchObject({
      state: "ok",
      mend: null,
    });
  });
});
