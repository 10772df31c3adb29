import type { Http } from "../outbound/http.ts";

export interface TimedHttp extends Http {
  /** What time it is there, milliseconds since 1970; null while no answer has said. */
  now(): number | null;
}

/** A `Date` has whole seconds, cut off. */
const SECOND_MS = 1_000;

/** Hears from every answer what time it is there: each one bounds it, and together they tell it to some milliseconds. */
export function timed(http: Http): TimedHttp {
  /** By how much its clock is ahead of this process's, at least and at most. */
  let ahead: readonly [least: number, most: number] | null = null;
  const hear = (said: number, sentAt: number, heardAt: number): void => {
    const [least, most] = [said - heardAt, said + SECOND_MS - sentAt];
    // Past one another: one of the clocks was set meanwhile.
    const isSame = ahead !== null && least <= ahead[1] && most >= ahead[0];
    ahead = isSame ? [Math.max(least, ahead![0]), Math.min(most, ahead![1])] : [least, most];
  };
  return {
    async send(request, options) {
      const sentAt = Date.now();
      const ending = await http.send(request, options);
      const said = Date.parse(String(ending.headers.date));
      // A proxy that stands in for it has a clock of its own.
      const isItsOwn = ending.status !== undefined && ending.status < 500;
      if (isItsOwn && !Number.isNaN(said)) hear(said, sentAt, Date.now());
      return ending;
    },
    now: () => (ahead === null ? null : Math.round(Date.now() + (ahead[0] + ahead[1]) / 2)),
    close: () => http.close(),
  };
}
