import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  signA2a,
  signStandard,
  standardKey,
  TOLERANCE_SEC,
  verifyA2a,
  verifyStandard,
} from "../../src/greenhelix/signature.ts";

const body = fc.uint8Array({ maxLength: 300 });
const id = fc.string({ unit: fc.constantFrom(..."abcXYZ019_-"), minLength: 1, maxLength: 128 });
const plainSecret = fc.string({ minLength: 1, maxLength: 64 }).filter((text) => !text.startsWith("whsec_"));
const encodedSecret = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`);
const secret = fc.oneof(plainSecret, encodedSecret);
const nowSec = 1_790_000_000;
const nowMs = nowSec * 1000;

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % flipped.length;
  flipped[at] = flipped[at]! ^ (1 << (bit % 8));
  return flipped;
}

const flipText = (text: string, bit: number) => Buffer.from(flipBit(Buffer.from(text), bit)).toString("latin1");

function standardHeaders(key: string, deliveryId: string, bytes: Uint8Array, timestampSec = nowSec) {
  return {
    id: deliveryId,
    timestamp: String(timestampSec),
    signature: signStandard(key, deliveryId, timestampSec, bytes),
  };
}

describe("a body signed the gateway's own way", () => {
  it("is 64 hex digits of HMAC-SHA256 under the secret as UTF-8", () => {
    // RFC 4231, test case 2.
    const expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    expect(signA2a("Jefe", "what do ya want for nothing?")).toBe(expected);
  });

  it("verifies under its secret, wherever that stands in the list", () => {
    fc.assert(
      fc.property(body, fc.uniqueArray(secret, { minLength: 1, maxLength: 3 }), fc.nat(), (bytes, secrets, pick) => {
        const secretIndex = pick % secrets.length;
        expect(verifyA2a(secrets, bytes, signA2a(secrets[secretIndex]!, bytes))).toEqual({ ok: true, secretIndex });
      }),
    );
  });

  it("stops verifying when one bit of body or signature changes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), secret, fc.nat(), (bytes, key, bit) => {
        const header = signA2a(key, bytes);
        expect(verifyA2a([key], flipBit(bytes, bit), header).ok).toBe(false);
        expect(verifyA2a([key], bytes, flipText(header, bit)).ok).toBe(false);
      }),
    );
  });
});

describe("a header that is no signature", () => {
  it.each([
    [undefined, "signature-missing"],
    ["", "signature-missing"],
    ["abZZ", "signature-malformed"],
    ["A".repeat(64), "signature-malformed"],
    [`sha256=${"a".repeat(64)}`, "signature-malformed"],
    [`${"a".repeat(64)}\n`, "signature-malformed"],
    ["a".repeat(66), "signature-malformed"],
  ])("is refused by name, not thrown at: %j", (header, reason) => {
    expect(verifyA2a(["secret"], "{}", header)).toEqual({ ok: false, reason });
  });

  it("never throws, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        body,
        (a, b, c, bytes) => {
          expect(verifyA2a(["secret"], bytes, a).ok).toBe(false);
          expect(verifyStandard(["secret"], { id: a, timestamp: b, signature: c }, bytes, nowMs).ok).toBe(false);
        },
      ),
    );
  });
});

describe("a delivery signed as Standard Webhooks asks", () => {
  it("gives the signature published with the specification's example", () => {
    const example = '{"test": 2432232314}';
    const signature = signStandard(
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      1614265330,
      example,
    );
    expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("verifies while the clocks are at most 300 s apart, in either direction", () => {
    fc.assert(
      fc.property(
        body,
        secret,
        id,
        fc.integer({ min: -TOLERANCE_SEC, max: TOLERANCE_SEC }),
        (bytes, key, deliveryId, offset) => {
          const headers = standardHeaders(key, deliveryId, bytes, nowSec + offset);
          expect(verifyStandard([key], headers, bytes, nowMs)).toEqual({ ok: true, secretIndex: 0 });
        },
      ),
    );
  });

  it.each([TOLERANCE_SEC + 1, -TOLERANCE_SEC - 1, 86_400])("is refused as out of window %i s away", (offset) => {
    const headers = standardHeaders("secret", "evt_1", Buffer.from("{}"), nowSec + offset);
    expect(verifyStandard(["secret"], headers, "{}", nowMs)).toEqual({ ok: false, reason: "timestamp-out-of-window" });
  });

  it("stops verifying when one bit of body, id, timestamp or signature changes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        secret,
        id,
        fc.nat(),
        (bytes, key, deliveryId, bit) => {
          const headers = standardHeaders(key, deliveryId, bytes);
          const verify = (changed: Partial<typeof headers>, raw: Uint8Array = bytes) =>
            verifyStandard([key], { ...headers, ...changed }, raw, nowMs).ok;
          expect(verify({}, flipBit(bytes, bit))).toBe(false);
          expect(verify({ id: flipText(headers.id, bit) })).toBe(false);
          expect(verify({ timestamp: flipText(headers.timestamp, bit) })).toBe(false);
          expect(verify({ signature: flipText(headers.signature, bit) })).toBe(false);
        },
      ),
    );
  });

  it("gives the same verdict in every order of secrets and signatures", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(encodedSecret, { minLength: 3, maxLength: 3 }),
        body,
        fc.nat(2),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (keys, bytes, good, order) => {
          const signatures = keys.map((key, index) =>
            index === good ? signStandard(key, "evt_1", nowSec, bytes) : signStandard(key, "evt_2", nowSec, bytes),
          );
          const header = (entries: string[]) => ({
            id: "evt_1",
            timestamp: String(nowSec),
            signature: entries.join(" "),
          });
          const shuffled = order.map((index) => keys[index]!);
          const verdict = verifyStandard(
            shuffled,
            header(order.map((index) => signatures[index]!).reverse()),
            bytes,
            nowMs,
          );
          expect(verdict).toEqual({ ok: true, secretIndex: shuffled.indexOf(keys[good]!) });
        },
      ),
    );
  });

  it("skips signatures of versions it does not know", () => {
    const { id: deliveryId, timestamp, signature } = standardHeaders("secret", "evt_1", Buffer.from("{}"));
    const both = { id: deliveryId, timestamp, signature: `v1a,AAAA v2,zzz ${signature}` };
    expect(verifyStandard(["secret"], both, "{}", nowMs)).toEqual({ ok: true, secretIndex: 0 });
    expect(verifyStandard(["secret"], { ...both, signature: "v1a,AAAA" }, "{}", nowMs)).toEqual({
      ok: false,
      reason: "signature-malformed",
    });
  });

  it("is refused when its base64 spells the right bytes in another way", () => {
    const headers = standardHeaders("secret", "evt_1", Buffer.from("{}"));
    const last = headers.signature.at(-2)!;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const respelled = `${headers.signature.slice(0, -2)}${alphabet[alphabet.indexOf(last) + 1]}=`;
    expect(Buffer.from(respelled.slice(3), "base64")).toEqual(Buffer.from(headers.signature.slice(3), "base64"));
    const verdict = verifyStandard(["secret"], { ...headers, signature: respelled }, "{}", nowMs);
    expect(verdict).toEqual({ ok: false, reason: "signature-malformed" });
  });

  it.each(["a.b", "", "é", "x".repeat(129)])(
    "is refused under the id %j, which could make the signed text ambiguous",
    (deliveryId) => {
      const headers = standardHeaders("secret", deliveryId, Buffer.from("{}"));
      expect(verifyStandard(["secret"], headers, "{}", nowMs)).toEqual({ ok: false, reason: "id-malformed" });
    },
  );

  it.each(["1790000000.0", "+1790000000", " 1790000000", "1e9", "", "-1"])(
    "is refused with the timestamp %j",
    (timestamp) => {
      const headers = { ...standardHeaders("secret", "evt_1", Buffer.from("{}")), timestamp };
      expect(verifyStandard(["secret"], headers, "{}", nowMs)).toEqual({ ok: false, reason: "timestamp-malformed" });
    },
  );
});

describe("a secret that protects nothing", () => {
  it("is refused when empty, since anybody can sign under an empty key", () => {
    expect(() => signA2a("", "{}")).toThrow(RangeError);
    expect(() => standardKey("")).toThrow(RangeError);
    expect(verifyA2a([], "{}", "a".repeat(64))).toEqual({ ok: false, reason: "no-secret" });
  });

  it.each(["whsec_", "whsec_not base64", "whsec_abc"])(
    "is refused when it announces base64 and has none: %j",
    (text) => {
      expect(() => standardKey(text)).toThrow(RangeError);
    },
  );
});
