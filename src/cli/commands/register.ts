import { type Command, Option } from "commander";
import type { Config } from "../../config.ts";
import { TourniquetError } from "../../errors.ts";
import { type Registration, register as registerAt, unregister } from "../../greenhelix/registration.ts";
import { visibly } from "../../incident/visible.ts";
import { INTAKE_PATH, isIntake } from "../../incident/webhook-address.ts";
import { isSafeUrl } from "../../settings/addresses.ts";
import { ordered } from "../ordered.ts";
import { withProgress } from "../progress.ts";
import { registrationLines } from "../registration-text.ts";
import { withServices } from "../with-services.ts";

interface Options {
  url?: string;
  dryRun?: boolean;
  rotate?: boolean;
  remove?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command("register")
    .description("have the gateway tell our webhook of what happens, once, and prove that it arrives and is verified")
    .option("--url <address>", `where the gateway reaches the API (default: PUBLIC_URL and ${INTAKE_PATH})`)
    .option("--dry-run", "list and test what is there; register and remove nothing")
    .option(
      "--rotate",
      "exchange the secret: a new registration with the first of GREENHELIX_WEBHOOK_SECRETS, then the old one goes",
    )
    .addOption(new Option("--remove", "take back every registration of this address instead").conflicts("rotate"))
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      `\nStatus 1 if a type of event is not proved. Repeated it changes nothing.\nExample:\n  npx tourniquet register --url https://respond.example.com${INTAKE_PATH}`,
    )
    .action((options: Options) =>
      withServices(async (services) => {
        const url = addressOf(options.url, services.config);
        const secret = services.config.greenhelixWebhookSecrets[0];
        if (secret === undefined && !options.remove)
          throw new TourniquetError(
            "config-invalid",
            "GREENHELIX_WEBHOOK_SECRETS is not set: the gateway signs with the first of them, and the API must have the same",
          );
        const done = await withProgress(`asking the gateway what is registered at ${url}`, (onStep) => {
          const order = { url, dryRun: options.dryRun ?? false, rotate: options.rotate ?? false, onStep };
          const act = () =>
            options.remove ? unregister(services, order) : registerAt(services, { ...order, secret: secret! });
          const action = options.remove ? "removeWebhook" : "registerWebhook";
          return order.dryRun ? act() : ordered(services, { action, target: url, by: null }, act);
        });
        console.log(options.json ? JSON.stringify(done) : registrationLines(visibly(done), options));
        process.exitCode = isDone(done, options) ? 0 : 1;
      }),
    );
}

/** A dry run has found what it was to find, proved or not. */
function isDone({ problems, types }: Registration, { dryRun }: Options): boolean {
  return problems.length === 0 && (dryRun === true || types.every(({ proof }) => proof?.problem === null));
}

function addressOf(said: string | undefined, { publicUrl }: Pick<Config, "publicUrl">): string {
  if (said === undefined && publicUrl === undefined)
    throw new TourniquetError(
      "input-invalid",
      `say where the gateway reaches the API: --url https://<your host>${INTAKE_PATH}, or set PUBLIC_URL`,
    );
  const url = URL.parse(said ?? `${publicUrl}${INTAKE_PATH}`);
  if (url !== null && url.pathname === "/") url.pathname = INTAKE_PATH;
  if (url === null || !isSafeUrl(url.href) || url.username !== "" || url.search !== "" || url.hash !== "")
    throw new TourniquetError(
      "input-invalid",
      `${said ?? "PUBLIC_URL"} is no address that the gateway can be told: it must be https:// without user, query or fragment (http:// only for localhost)`,
    );
  if (isIntake(url.href)) return url.href;
  throw new TourniquetError(
    "input-invalid",
    `${url.href} is not where the API takes webhooks: end it in ${INTAKE_PATH}`,
  );
}
