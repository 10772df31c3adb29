import express from "express";
import { alive } from "./health.ts";
import { type Listening, listen } from "./listen.ts";
import { sendProblem, storageUnavailable } from "./problem.ts";

/**
 * Answers in an API's place while Redis is away at its start: it is alive, so that nothing restarts it over and over, and
 * everything else comes again. `leave` frees the addresses at once; what is under way is still answered.
 */
export async function standIn(addresses: readonly { port: number; host: string }[]): Promise<{ leave(): void }> {
  const app = express().disable("x-powered-by");
  app.get("/healthz", alive);
  app.use((_req, res) => sendProblem(res, storageUnavailable));
  const listening: Listening[] = [];
  const leave = () => void Promise.all(listening.map((one) => one.close(1_000)));
  try {
    for (const address of addresses) listening.push(await listen(app, address));
  } catch (error) {
    leave();
    throw error;
  }
  return { leave };
}
