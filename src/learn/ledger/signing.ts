import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { canonicalJson, type Ledgers } from "../../incident/ledger.ts";

/** Ed25519, with the private key kept inside. */
export interface Signer {
  keyId: string;
  /** Whether LEDGER_SIGNING_KEY gave it; else it lies in Redis, and whoever may write there can sign too. */
  isOurs: boolean;
  sign<T extends object>(statement: T): T & { keyId: string; signature: string };
}

/** Asked each time: a key that rotates or a Redis that is away at the start is nobody's restart. */
export type SignerOf = () => Promise<Signer>;

/**
 * The configured key (PEM), else one that is made once and kept in Redis: of several processes that start together the first
 * writer wins. Every key that signs is remembered, so that old ledgers verify after it was rotated.
 */
export function openSigner(configured: string | undefined, ledgers: Ledgers): SignerOf {
  let opened: Signer | undefined;
  return async () => {
    if (opened) return opened;
    const pem = configured ?? (await ledgers.ownKey(newKey()));
    const privateKey = createPrivateKey(pem);
    const publicKey = createPublicKey(privateKey);
    const keyId = fingerprint(publicKey);
    await ledgers.rememberPublicKey(keyId, publicKey.export({ type: "spki", format: "pem" }).toString());
    opened = { keyId, isOurs: configured !== undefined, sign: (said) => signed(privateKey, { ...said, keyId }) };
    return opened;
  };
}

export function newKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function signed<T extends object>(privateKey: KeyObject, said: T): T & { signature: string } {
  return { ...said, signature: sign(null, Buffer.from(canonicalJson(said)), privateKey).toString("base64") };
}

/** As OpenSSH writes it; it is the whole key's, so that no other key can take its place. */
export function fingerprint(publicKey: KeyObject): string {
  const der = publicKey.export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(der).digest("base64").replace(/=+$/, "")}`;
}

/** Whether this key signed exactly this, and the signature is written as we write it: base64 says the same in several ways. */
export function isSignedBy(publicKey: KeyObject, statement: { signature: string }): boolean {
  const { signature, ...said } = statement;
  const bytes = Buffer.from(signature, "base64");
  return bytes.toString("base64") === signature && verify(null, Buffer.from(canonicalJson(said)), publicKey, bytes);
}

/** Key id -> public key, of every PEM block in the text. Throws on one that is none, or no Ed25519 key. */
export function readPublicKeys(text: string): Map<string, KeyObject> {
  const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----/g) ?? [text];
  return new Map(
    blocks.map((pem) => {
      const key = createPublicKey(pem);
      if (key.asymmetricKeyType !== "ed25519") throw new RangeError(`an ${key.asymmetricKeyType} key, not Ed25519`);
      return [fingerprint(key), key];
    }),
  );
}
