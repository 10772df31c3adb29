import { describe, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { openNotifiers } from "../../src/notify/notifiers/index.ts";
import { inwardNames, refusedAddresses } from "../../src/notify/refused-addresses.ts";

const SECRET = `whsec_${"A".repeat(32)}`;
const none = { slack: undefined, pagerduty: undefined, "pagerduty-secondary": undefined, webhook: undefined };
const webhookAt = (url: string) => ({ ...none, webhook: { url, secret: SECRET } });
const closed = { allowPrivateHosts: false };
const open = { allowPrivateHosts: true };
const sentence = (setting: string) =>
  `${setting} leads into a private network; if that is your own, set notify.allowPrivateHosts to true in the settings file`;

describe("a channel in a private network", () => {
  it("is refused by the same sentence in a check and at a start, which names the setting and not the address", async () => {
    for (const host of ["10.0.0.5", "192.168.1.9:8443", "[fd00::1]", "169.254.169.254"]) {
      const at = webhookAt(`https://${host}/hook/secret-path`);
      expect(await refusedAddresses(at, closed)).toEqual([sentence("NOTIFY_WEBHOOK_URL")]);
      expect(() => openNotifiers(at, closed, createLog("silent", "test"))).toThrow(sentence("NOTIFY_WEBHOOK_URL"));
    }
  });

  it("is no mistake where the settings allow it, nor is a public address or this machine", async () => {
    expect(await refusedAddresses(webhookAt("https://10.0.0.5/hook"), open)).toEqual([]);
    for (const url of ["https://hooks.example/x", "http://127.0.0.1:9/x", "http://localhost:9/x", "https://9.9.9.9/x"])
      expect(await refusedAddresses(webhookAt(url), closed)).toEqual([]);
    expect(await refusedAddresses(none, closed)).toEqual([]);
  });

  it("is told of once, where both keys of PagerDuty lead there", async () => {
    const at = { routingKey: "r".repeat(32), url: "https://172.16.0.1" };
    expect(await refusedAddresses({ ...none, pagerduty: at, "pagerduty-secondary": at }, closed)).toEqual([
      sentence("PAGERDUTY_EVENTS_URL"),
    ]);
  });
});

describe("a channel whose name resolves into a private network", () => {
  const resolve = (addresses: string[]) => async () => addresses;
  const at = webhookAt("https://hooks.internal/x");

  it("is named, as long as the settings do not allow it", async () => {
    expect(await inwardNames(at, closed, resolve(["9.9.9.9", "10.1.2.3"]))).toEqual([sentence("NOTIFY_WEBHOOK_URL")]);
    expect(await inwardNames(at, open, resolve(["10.1.2.3"]))).toEqual([]);
    expect(await inwardNames(at, closed, resolve(["9.9.9.9"]))).toEqual([]);
    expect(await inwardNames(webhookAt("http://localhost:9/x"), closed, resolve(["127.0.0.1"]))).toEqual([]);
  });

  it("that nobody knows here is not judged", async () => {
    expect(await inwardNames(webhookAt("https://nowhere.invalid/x"), closed)).toEqual([]);
    expect(await inwardNames(webhookAt("https://9.9.9.9/x"), closed)).toEqual([]);
  });
});
