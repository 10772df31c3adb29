import { type Command, InvalidArgumentError } from "commander";
import { TourniquetError } from "../../errors.ts";
import { type CascadeView, viewCascade } from "../../incident/cascade-view.ts";
import { presentCascade } from "../../incident/present-verdict.ts";
import { visibly } from "../../incident/visible.ts";
import { recoveryOrder } from "../../recover/order.ts";
import { cascadeLines, cascadeTable } from "../cascade-text.ts";
import { withoutSettings } from "../with-services.ts";

export function cascades(program: Command): void {
  const group = program.command("cascades").description("troubles of several agents that belong together");
  group
    .command("list")
    .description("newest first")
    .option("--limit <n>", "how many at most, up to 100", upToAHundred, 20)
    .option("--json", "a JSON array")
    .addHelpText("after", "\nExample:\n  npx tourniquet cascades list")
    .action(({ limit, json }: { limit: number; json?: boolean }) =>
      withoutSettings(async (services) => {
        const found = await services.cascades.list(limit);
        const views = await Promise.all(found.map((cascade) => viewCascade(services, cascade)));
        console.log(json ? JSON.stringify(views.map(present)) : cascadeTable(views));
      }),
    );
  group
    .command("show <id>")
    .description("one cascade: where it began, who and why, the dollars of all, in which order they recover")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet cascades show cas-3")
    .action((id: string, { json }: { json?: boolean }) =>
      withoutSettings(async (services) => {
        const cascade = /^cas-\d{1,15}$/.test(id) ? await services.cascades.load(id) : null;
        if (!cascade)
          throw new TourniquetError(
            "not-found",
            `no cascade ${id.slice(0, 100)}: npx tourniquet cascades list shows them`,
          );
        const view = await viewCascade(services, cascade);
        console.log(json ? JSON.stringify(present(view)) : cascadeLines(visibly(view)));
      }),
    );
}

/** As GET /api/cascades has it. */
const present = (view: CascadeView) => ({ ...presentCascade(view), recoveryOrder: recoveryOrder(view) });

function upToAHundred(text: string): number {
  if (!/^([1-9]\d?|100)$/.test(text)) throw new InvalidArgumentError("must be a whole number from 1 to 100");
  return Number(text);
}
