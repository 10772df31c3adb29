import { type Command, InvalidArgumentError } from "commander";
import { cannotListen, sayReady, whenAskedToStop } from "../../process.ts";
import { startSandbox } from "../../sandbox/sandbox.ts";

export function sandbox(program: Command): void {
  program
    .command("sandbox")
    .description("a GreenHelix gateway of our own: stateful, stubborn like the real one, faults on request")
    .option("--port <port>", "0 takes a free one", port, 4010)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--latency-ms <ms>", "wait before each answer", wholeNumber, 0)
    .option("--no-delivery", "keep webhooks silent, as the real gateway does today")
    .option("--json", "say where it listens as one JSON object")
    .addHelpText(
      "after",
      "\nExample:\n  npx tourniquet sandbox --port 4010\n  curl http://127.0.0.1:4010/_sandbox/state",
    )
    .action(async (options: { port: number; host: string; latencyMs: number; delivery: boolean; json?: boolean }) => {
      const running = await startSandbox({
        port: options.port,
        host: options.host,
        latencyMs: options.latencyMs,
        delivery: { isEnabled: options.delivery },
      }).catch((error: unknown) =>
        Promise.reject(cannotListen(error, `${options.host}:${options.port}`, "--port or --host")),
      );
      if (options.json) console.log(JSON.stringify({ url: running.url, admin: `${running.url}/_sandbox` }));
      else
        console.log(`sandbox gateway at ${running.url} · admin routes under ${running.url}/_sandbox · Ctrl-C ends it`);
      sayReady({ url: running.url });
      whenAskedToStop(() => running.close());
    });
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("must be a whole number from 0 to 65535");
  return Number(text);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError("must be a whole number");
  return Number(text);
}
