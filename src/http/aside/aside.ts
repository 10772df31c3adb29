import { Worker } from "node:worker_threads";
import type { Problem } from "../problem.ts";
import type { Inputs, Outputs, Work } from "./work.ts";

/** A large ledger takes one or two seconds; what takes longer was made to. */
const WITHIN_MS = 15_000;
const MOST_MEMORY_MB = 512;

/**
 * Works on what somebody posted in a thread of its own, one at a time: however long a file takes that was made to take long, webhooks
 * are answered meanwhile. Answers a problem where it takes too long, or another is being worked on.
 */
export async function aside<W extends Work>(work: W, input: Inputs[W]): Promise<Outputs[W] | { problem: Problem }> {
  if (isBusy) return { problem: busy };
  isBusy = true;
  try {
    return await inThread(work, input);
  } finally {
    isBusy = false;
  }
}

/** The same for callers that count themselves how many are under way. */
export async function inThread<W extends Work>(work: W, input: Inputs[W]): Promise<Outputs[W] | { problem: Problem }> {
  const worker = new Worker(new URL("worker.ts", import.meta.url), {
    workerData: { work, input },
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  const timer = setTimeout(() => void worker.terminate(), WITHIN_MS);
  try {
    return await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", (error: { code?: unknown }) =>
        error.code === "ERR_WORKER_OUT_OF_MEMORY" ? resolve({ problem: tooMuch }) : reject(error),
      );
      worker.once("exit", () => resolve({ problem: tooMuch }));
    });
  } finally {
    clearTimeout(timer);
  }
}

let isBusy = false;

const busy: Problem = {
  status: 429,
  kind: "busy",
  detail: "Another file is being looked at: ask again in a moment.",
  headers: { "retry-after": "2" },
};
const tooMuch: Problem = {
  status: 422,
  kind: "too-much",
  detail: `Looking at this file takes more than ${WITHIN_MS / 1000} s or ${MOST_MEMORY_MB} MB: the command line has no such limit.`,
};
