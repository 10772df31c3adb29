import { describe, expect, it } from "vitest";
import { withRunning } from "../../src/cli/running.ts";
import { addressLines } from "../../src/cli/start/addresses.ts";
import { variables } from "../../src/config-schema.ts";

const redis = { REDIS_URL: "redis://127.0.0.1:7001" };
const gateway = {
  GREENHELIX_BASE_URL: "http://127.0.0.1:7002",
  GREENHELIX_API_KEY: "sandbox-admin-tourniquet",
  GREENHELIX_WEBHOOK_SECRETS: "whsec_of-the-sandbox",
};
const control = { AGENT_CONTROL_URL: "http://127.0.0.1:7002/_control", AGENT_CONTROL_TOKEN: "sandbox-control" };
const announced = { ...redis, ...gateway, ...control, PARTITIONS: "2" };

describe("a command beside a running npm start", () => {
  it("takes everything from it where nothing is set, an empty variable and the defaults of a copied .env included", () => {
    expect(withRunning({}, announced)).toEqual(announced);
    const copied = { REDIS_URL: "", GREENHELIX_BASE_URL: variables.GREENHELIX_BASE_URL.fallback, HOST: "127.0.0.1" };
    expect(withRunning(copied, announced)).toEqual({ ...announced, HOST: "127.0.0.1" });
    expect(withRunning({ ...redis, ADMIN_TOKEN: "t" }, announced)).toEqual({ ...announced, ADMIN_TOKEN: "t" });
  });

  it("takes nothing where another Redis is set", () => {
    const own = { REDIS_URL: "redis://10.0.0.5:6379" };
    expect(withRunning(own, announced)).toEqual(own);
  });

  it.each([
    { GREENHELIX_API_KEY: "gh-real" },
    { GREENHELIX_API_KEY_FILE: "/run/secrets/key" },
    { GREENHELIX_BASE_URL: "https://api.greenhelix.net" },
  ])("never mixes a gateway of one's own with the sandbox's address, key, secret or control: %o", (own) => {
    expect(withRunning(own, announced)).toEqual({ ...redis, PARTITIONS: "2", ...own });
  });

  it("keeps an agent control of its own", () => {
    const own = { AGENT_CONTROL_URL: "https://control.example" };
    expect(withRunning(own, announced)).toEqual({ ...redis, ...gateway, ...own, PARTITIONS: "2" });
  });
});

describe("the addresses that npm start prints", () => {
  const up = {
    apiUrl: "http://b",
    adminUrl: "http://a",
    sandboxUrl: "http://s",
    adminToken: "tok",
    redisUrl: "redis://r",
    announced: {},
  };

  it("open as they are, on the port of people: the console is logged in by its link", () => {
    expect(addressLines(up)).toContain("http://a/#token=tok\n");
    expect(addressLines(up)).toContain("http://a/admin/queues\n");
    expect(addressLines(up)).not.toContain("http://b");
  });

  it("offer another worker only where its key is the sandbox's", () => {
    expect(addressLines(up)).toContain("npx tourniquet worker containment");
    expect(addressLines({ ...up, sandboxUrl: null })).not.toContain("npx tourniquet worker");
  });
});
