import { Argument, type Command } from "commander";
import { workerNames } from "../../queues/jobs.ts";
import { runWorkerProcess } from "../../worker-process.ts";
import { runningEnvironment } from "../running.ts";

export function worker(program: Command): void {
  program
    .command("worker")
    .description("run one kind of worker, or all in one process; start it several times to scale")
    .addArgument(new Argument("<name>", "which worker").choices([...workerNames, "all"]))
    .option("--json", "the same: the log is one JSON object a line")
    .addHelpText("after", "\nExample:\n  REDIS_URL=redis://10.0.0.5:6379 npx tourniquet worker containment")
    .action((name: string) =>
      runWorkerProcess(
        name === "all" ? workerNames : workerNames.filter((known) => known === name),
        runningEnvironment(),
      ),
    );
}
