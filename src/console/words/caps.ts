import { type CapsTold, capsInWords, sourceInWords } from "../../incident/caps-in-words.ts";
import { moneyText } from "./money.ts";
import { at, clock } from "./time.ts";

interface GivenBack extends CapsTold {
  isTaken: boolean;
}

/** What comes back, and whose word it is that it was so; null: nobody saw it. */
export function capsTold(caps: CapsTold): { caps: string; source: string } | null {
  const said = capsInWords(caps);
  return said === null ? null : { caps: said, source: sourceInWords(caps, (iso) => onDay(at(iso))) };
}

/** "on 22 Nov at 02:40:12": they may have been seen days ago. */
const onDay = (time: number): string =>
  `on ${new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(time)} at ${clock(time)}`;

/** Only a person can know them: to be asked before the server has to. */
export function mustSay(caps: GivenBack | null): boolean {
  return caps?.isTaken === true && (caps.before === null || caps.month === "unknown");
}

/** Of one step of a recovery; null is no cap. */
export function capsText({ daily, monthly }: { daily: string | null; monthly: string | null }): string {
  const cap = (amount: string | null) => (amount === null ? "no cap" : moneyText(amount));
  return `${cap(daily)} a day and ${cap(monthly)} a month`;
}
