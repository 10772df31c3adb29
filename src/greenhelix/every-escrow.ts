import { TourniquetError } from "../errors.ts";
import type { Escrow } from "../incident/gateway.ts";
import type { EscrowPage } from "./escrow-fields.ts";
import { everyRow } from "./every-row.ts";

/** The real gateway gives as many rows as asked; others cap the page, which everyRow copes with. */
export const ROWS_A_PAGE = 500;

/**
 * Every escrow, or every held one, each once, a page as soon as it is there. The gateway's filter is not trusted to have been
 * applied. Whoever opens escrows chooses how large their rows are: a page too large to be read is asked for in smaller
 * pieces, or a few bloated rows would keep all of them from being cancelled. Rows that cannot be read are no reason to leave
 * the others held: they make it throw gateway-unreadable, at the end.
 */
export async function* everyEscrow(
  readPage: (offset: number, limit: number) => Promise<EscrowPage>,
  filter: { held?: boolean },
): AsyncGenerator<readonly Escrow[]> {
  let unreadable = 0;
  let limit = ROWS_A_PAGE;
  const rowsFrom = async (offset: number): Promise<readonly Escrow[]> => {
    const asked = limit;
    try {
      const page = await readPage(offset, asked);
      unreadable += page.unreadable;
      return page.rows;
    } catch (error) {
      if (asked === 1 || !(error instanceof TourniquetError && error.detail.isTooLarge)) throw error;
      limit = Math.min(limit, Math.ceil(asked / 8));
      return rowsFrom(offset);
    }
  };
  for await (const rows of everyRow(rowsFrom)) {
    const wanted = filter.held ? rows.filter(({ state }) => state === "held") : rows;
    if (wanted.length > 0) yield wanted;
  }
  if (unreadable > 0) {
    throw new TourniquetError("gateway-unreadable", "list_escrows: rows that cannot be read were left out", {
      unreadable,
    });
  }
}
