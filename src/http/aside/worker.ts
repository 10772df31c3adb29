import { parentPort, workerData } from "node:worker_threads";
import { type Inputs, type Work, works } from "./work.ts";

/** The thread of aside.ts: one work, one answer, and it ends. */
const { work, input } = workerData as { work: Work; input: Inputs[Work] };
parentPort?.postMessage((works[work] as (given: typeof input) => unknown)(input));
