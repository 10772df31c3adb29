import type { Command } from "commander";
import { askBreaker, resetBreaker } from "../../contain/breaker.ts";
import { visibly } from "../../incident/visible.ts";
import { ordered } from "../ordered.ts";
import { withoutSettings, withServices } from "../with-services.ts";

export function breaker(program: Command): void {
  const group = program.command("breaker").description("the circuit breaker of an agent: look at it, close it");
  group
    .command("show <agent>")
    .description("its state, and why; takes no probe")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet breaker show procurement-7")
    .action((agent: string, options: { json?: boolean }) =>
      withServices(async (services) => {
        const answer = await askBreaker(services, agent, { peek: true });
        const { state, mayProceed, reason, retryAfterMs } = visibly(answer);
        const wait = retryAfterMs ? `, ask again in ${Math.ceil(retryAfterMs / 1000)} s` : "";
        console.log(
          options.json
            ? JSON.stringify(answer)
            : `${agent}  ${state}  ${mayProceed ? "may proceed" : "may not proceed"}: ${reason}${wait}`,
        );
      }),
    );
  group
    .command("reset <agent>")
    .description("close it now, whatever was reported")
    .requiredOption("--by <name>", "who decides")
    .requiredOption("--reason <text>", "why it may spend again")
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      '\nExample:\n  npx tourniquet breaker reset procurement-7 --by ada --reason "upstream is back"',
    )
    .action((agent: string, options: { by: string; reason: string; json?: boolean }) =>
      withoutSettings(async (services) => {
        const { by, reason } = options;
        const order = { action: "resetBreaker", target: agent, by, fields: { reason } };
        const answered = await ordered(services, order, () => resetBreaker(services, agent, options));
        if (options.json) return console.log(JSON.stringify(answered));
        console.log(answered.answer === "reset" ? `${agent}: closed` : `${agent}: it was not open`);
      }),
    );
}
