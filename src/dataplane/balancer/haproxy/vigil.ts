// Notices at once that a HAProxy has died: a connection to its socket ends with it.

import { connect } from 'node:net'

/** HAProxy would end an idle connection after ten seconds. */
const PATIENCE_SECONDS = 7 * 86_400

/** Calls `ended` once, when nobody listens on that socket any more, or has left it. Returns "stop watching". */
export const keepVigil = (socket: string, ended: () => void): (() => void) => {
  const connection = connect(socket, () => connection.write(`prompt\nset timeout cli ${PATIENCE_SECONDS}\n`))
  // A load balancer keeps no process of ours alive.
  connection.unref()
  // What it says is of no interest, and why it ends neither: that it has.
  connection.resume()
  connection.on('error', () => {})
  connection.on('close', ended)
  return () => {
    connection.off('close', ended)
    connection.destroy()
  }
}
