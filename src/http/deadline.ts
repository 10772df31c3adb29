import { TourniquetError } from "../errors.ts";

/** Throws `redis-unavailable` if the answer takes longer. The work itself goes on: it must be safe to repeat. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  // Not Promise.race: this is on the path of every webhook.
  return new Promise((resolve, reject) => {
    const late = () => reject(new TourniquetError("redis-unavailable", `no answer within ${ms} ms`));
    const timer = setTimeout(late, ms);
    const settle = <V>(end: (value: V) => void) => {
      return (value: V) => {
        clearTimeout(timer);
        end(value);
      };
    };
    work.then(settle(resolve), settle(reject));
  });
}
