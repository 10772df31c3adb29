import type { Config } from "./config.ts";
import { isStandardSecret } from "./greenhelix/signature.ts";

const STRONG_LENGTH = 16;

/** What works and is unwise, for the log of the process that takes requests; names variables, never values. */
export function weakSecrets(config: Config): readonly string[] {
  const tokens = {
    ADMIN_TOKEN: config.adminToken,
    RESPONDER_TOKEN: config.responderToken,
    VIEWER_TOKEN: config.viewerToken,
    AGENT_TOKEN: config.agentToken,
  };
  const short = Object.entries(tokens).filter(([, value]) => value !== undefined && value.length < STRONG_LENGTH);
  const guessable = config.greenhelixWebhookSecrets.some((secret) => secret.length < STRONG_LENGTH);
  const misspelt = config.greenhelixWebhookSecrets.some((secret) => !isStandardSecret(secret));
  return [
    ...short.map(
      ([name]) => `${name} is shorter than ${STRONG_LENGTH} characters: openssl rand -hex 32 makes a better one`,
    ),
    ...(guessable ? [`GREENHELIX_WEBHOOK_SECRETS holds one shorter than ${STRONG_LENGTH} characters`] : []),
    ...(misspelt
      ? ["GREENHELIX_WEBHOOK_SECRETS holds one with whsec_ and no base64 after it: its characters are the key"]
      : []),
  ];
}
