import { z } from "zod";
import type { PersonalTokens } from "../../incident/credentials.ts";
import { type OrderTokenPorts, orderToken, presentToken, revokeToken, tokenOrder } from "../../incident/order-token.ts";
import { person } from "../../incident/who-and-why.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { tokenShape } from "./shapes/token.ts";

export interface TokensApiPorts extends OrderTokenPorts {
  personalTokens: PersonalTokens;
}

/** /api/tokens (O6): who has a token of their own. */
export const tokenEndpoints: readonly Endpoint<TokensApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/tokens",
    id: "listTokens",
    tag: "tokens",
    summary: "Who has a token of their own, and when it was last used",
    role: "admin",
    answers: { 200: { what: "all of them, oldest first", body: z.object({ tokens: z.array(tokenShape) }) } },
    async act({ personalTokens, clock }: TokensApiPorts) {
      const [tokens, now] = await Promise.all([personalTokens.list(), clock.now()]);
      return reply(200, { tokens: tokens.map((token) => presentToken(token, now)) });
    },
  }),
  endpoint({
    method: "post",
    path: "/api/tokens",
    id: "createToken",
    tag: "tokens",
    summary: "Make a token for a person or a program",
    description:
      "`secret` is shown this once; only its SHA-256 is kept. Repeated with the same Idempotency-Key it is null.",
    role: "admin",
    freshLogin: true,
    body: tokenOrder,
    says: "Say whose it is, and its role.",
    answers: { 201: { what: "the token", body: tokenShape.extend({ secret: z.string().nullable() }) } },
    async act(ports: TokensApiPorts, { body }) {
      const { token, secret } = await orderToken(ports, body);
      return reply(201, { ...presentToken(token, token.createdAt), secret });
    },
  }),
  endpoint({
    method: "delete",
    path: "/api/tokens/{id}",
    id: "revokeToken",
    tag: "tokens",
    summary: "Revoke it: it opens nothing from now on, and its logins are over",
    role: "admin",
    params: z.object({ id: z.string() }),
    body: z.strictObject({ by: person.by }),
    says: "Say who revokes it.",
    answers: { 204: { what: "it is revoked" } },
    problems: [404],
    async act(ports: TokensApiPorts, { params, body }) {
      await revokeToken(ports, params.id, body.by);
      return reply(204);
    },
  }),
];
