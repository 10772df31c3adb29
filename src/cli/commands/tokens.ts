import { userInfo } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { roles } from "../../incident/credentials.ts";
import { orderToken, presentToken, revokeToken } from "../../incident/order-token.ts";
import { visible } from "../../incident/visible.ts";
import { ordered } from "../ordered.ts";
import { textTable } from "../text-table.ts";
import { withoutSettings } from "../with-services.ts";

/** `tokens` (O6): a token for each person and program, so that the record says who it was. */
export function tokens(program: Command): void {
  const group = program.command("tokens").description("tokens of people and programs, for the API and the console");
  create(group);
  list(group);
  revoke(group);
}

interface CreateOptions {
  name: string;
  role: string;
  expires?: number;
  by?: string;
  json?: boolean;
}

function create(group: Command): void {
  group
    .command("create")
    .description("make one; it is shown this once, and only its SHA-256 is kept")
    .requiredOption("--name <name>", "whose it is: a person, or one program")
    .addOption(
      new Option("--role <role>", "viewer reads, responder changes, admin may do all, agent asks its breaker")
        .choices(roles)
        .makeOptionMandatory(),
    )
    .option("--expires <length>", "after how long it is worth nothing: 12h, 90d; left out: when it is revoked", length)
    .option("--by <name>", "who makes it; left out: the user of this machine")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet tokens create --name ada --role responder --expires 90d")
    .action(({ name, role, expires, by = ownName(), json }: CreateOptions) =>
      withoutSettings(async (services) => {
        const now = await services.clock.now();
        const expiresAt = expires === undefined ? undefined : new Date(now + expires).toISOString();
        const order = { action: "createToken", by, fields: { name, role, expiresAt: expiresAt ?? null } };
        const said = { by, name, role, expiresAt };
        const { token, secret } = await ordered(services, order, () => orderToken(services, said));
        if (json) return console.log(JSON.stringify({ ...presentToken(token, now), secret }));
        console.log(secret);
        const until = expiresAt === undefined ? `tourniquet tokens revoke ${token.id} ends it` : `until ${expiresAt}`;
        process.stderr.write(`${token.id} for ${token.name} (${role}), ${until}. It is not shown again.\n`);
      }),
    );
}

function list(group: Command): void {
  group
    .command("list")
    .description("whose there are, with which role, and when they were last used; never the tokens themselves")
    .option("--json", "a JSON array")
    .addHelpText("after", "\nExample:\n  npx tourniquet tokens list")
    .action((options: { json?: boolean }) =>
      withoutSettings(async ({ personalTokens, clock }) => {
        const now = await clock.now();
        const found = (await personalTokens.list()).map((token) => presentToken(token, now));
        if (options.json) return console.log(JSON.stringify(found));
        if (found.length === 0) return console.log("no tokens; npx tourniquet tokens create makes one");
        const rows = found.map(({ id, name, role, expiresAt, isExpired, lastUsedOn, createdBy }) => {
          const until = isExpired ? `expired ${expiresAt}` : (expiresAt ?? "no end");
          return [id, name, role, until, lastUsedOn ?? "never", createdBy];
        });
        console.log(textTable([["ID", "NAME", "ROLE", "UNTIL", "LAST USED", "MADE BY"], ...rows]));
      }),
    );
}

function revoke(group: Command): void {
  group
    .command("revoke <id>")
    .description("it opens nothing from now on, and its logins are over")
    .option("--by <name>", "who decides; left out: the user of this machine")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet tokens revoke tok-3f9a1c22b7d0 --by ada")
    .action((id: string, { by = ownName(), json }: { by?: string; json?: boolean }) =>
      withoutSettings(async (services) => {
        const order = { action: "revokeToken", target: id, by };
        const { name } = await ordered(services, order, () => revokeToken(services, id, by));
        console.log(json ? JSON.stringify({ id, name, state: "revoked" }) : `${id} of ${visible(name)} is revoked`);
      }),
    );
}

/** "" where the machine knows none: then it must be said. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return "";
  }
}

const unitMs = { h: 3_600_000, d: 86_400_000 } as const;

function length(text: string): number {
  const match = /^([1-9]\d{0,4})([hd])$/.exec(text);
  if (!match) throw new InvalidArgumentError("must be a number with h or d, such as 12h or 90d");
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}
