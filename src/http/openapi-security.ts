/** What proves who asks, as OpenAPI says it. */
export const securitySchemes = {
  bearer: { type: "http", scheme: "bearer", description: "a token of the environment, or a personal one (tqt_...)" },
  session: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-tourniquet",
    description: "a browser's login (POST /login); `tourniquet` on plain http. Changes need x-csrf-token too",
  },
  signature: {
    type: "apiKey",
    in: "header",
    name: "x-a2a-signature",
    description: "hex HMAC-SHA256 of the body with one of GREENHELIX_WEBHOOK_SECRETS",
  },
  standardWebhook: {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description: "Standard Webhooks, with webhook-id and webhook-timestamp",
  },
} as const;

const role: Readonly<Record<string, string[]>>[] = [{ bearer: [] }, { session: [] }];
const signature: typeof role = [{ signature: [] }, { standardWebhook: [] }];
const anybody: typeof role = [];

export const securityNeeds = { role, signature, anybody };
