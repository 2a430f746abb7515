// How the reaper paces itself.

/** Between two rounds: what is due meanwhile is forgotten together. */
export const ROUND_SECONDS = 60
/** Rows forgotten in one transaction, so that no writer waits long for it. */
export const ROWS_PER_TRANSACTION = 200
