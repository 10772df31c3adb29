import { TourniquetError } from "../errors.ts";
import type { Escrow } from "../incident/gateway.ts";
import type { EscrowPage } from "./escrow-fields.ts";
import { everyRow } from "./every-row.ts";

/**
 * Every escrow, or every held one, each once, a page as soon as it is there. The gateway's filter is not trusted to have been
 * applied. Rows that cannot be read are no reason to leave the others held: they make it throw gateway-unreadable, at the end.
 */
export async function* everyEscrow(
  readPage: (offset: number) => Promise<EscrowPage>,
  filter: { held?: boolean },
): AsyncGenerator<readonly Escrow[]> {
  let unreadable = 0;
  const rowsFrom = async (offset: number): Promise<readonly Escrow[]> => {
    const page = await readPage(offset);
    unreadable += page.unreadable;
    return page.rows;
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
