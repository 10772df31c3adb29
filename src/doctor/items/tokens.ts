import { TourniquetError } from "../../errors.ts";
import { weakSecrets } from "../../weak-secrets.ts";
import { fail, type Item, ok, warn } from "../item.ts";

/** Who may ask the API, and how webhooks prove their sender. Names variables, never values. */
export const tokens: Item = {
  id: "tokens",
  section: "platform",
  title: "secrets and tokens are set, and long enough",
  deadlineMs: 4_000,
  async measure({ config, services }) {
    const named = {
      ADMIN_TOKEN: config.adminToken,
      RESPONDER_TOKEN: config.responderToken,
      VIEWER_TOKEN: config.viewerToken,
      AGENT_TOKEN: config.agentToken,
    };
    const set = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const personal = services instanceof TourniquetError ? [] : await services.personalTokens.list();
    const secrets = config.greenhelixWebhookSecrets.length;
    const found = `in this terminal's environment ${set.join(", ") || "no token"}, ${secrets} webhook ${secrets === 1 ? "secret" : "secrets"}; ${personal.length} personal ${personal.length === 1 ? "token" : "tokens"}`;
    const weak = weakSecrets(config);
    const more = { lines: weak, detail: { set, personal: personal.length, webhookSecrets: secrets, weak } };
    if (secrets === 0) return fail(found, "Set GREENHELIX_WEBHOOK_SECRETS: without it every webhook is refused", more);
    if (set.length + personal.length === 0)
      return warn(
        found,
        "Make a token for each person (npx tourniquet tokens create), or set ADMIN_TOKEN for the API. It may have one that is not seen from here, as an npm start makes for itself; without any nobody may look or act over HTTP",
        more,
      );
    return weak.length > 0
      ? warn(found, "Replace what is named here by longer ones: openssl rand -hex 32", more)
      : ok(found, more);
  },
};
