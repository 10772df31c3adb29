import { describe, expect, it } from "vitest";
import { addressLines } from "../../../src/cli/start/addresses.ts";

const up = {
  ...{ apiUrl: "http://127.0.0.1:8080", sandboxUrl: null, redisUrl: "redis://127.0.0.1:6379" },
  announced: {},
};

describe("what npm start prints", () => {
  it("signs in by link with a token that it made itself", () => {
    expect(addressLines({ ...up, adminToken: "made-here" })).toContain("/api/incidents?token=made-here");
  });

  it("holds no token that somebody configured, and says which one is asked for", () => {
    const said = addressLines({ ...up, adminToken: null });
    expect(said).not.toContain("token=");
    expect(said).toContain("http://127.0.0.1:8080/admin/queues\n");
    expect(said).toContain("ADMIN_TOKEN");
  });
});
