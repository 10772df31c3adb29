import { setInterval as every } from "node:timers/promises";

/** The tempo of the story, 20 times as fast: an agent tries again every 105 ms (312 tries in 11 min are one every 2.1 s). */
export async function* retryLoop(attempts: number, everyMs = 105): AsyncGenerator<number> {
  let made = 0;
  for await (const _ of every(everyMs)) {
    yield made;
    made += 1;
    if (made === attempts) return;
  }
}
