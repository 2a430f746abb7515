// What clients are told when no target could be reached. HAProxy says 503 whatever the reason; ELB says 502 when the target
// refuses the connection, 504 when it does not answer in time, and 503 only when there is no target.
// AWS: "Troubleshoot your Application Load Balancers", HTTP 502 to 504.

import { CONNECT_ATTEMPTS, CONNECT_SECONDS, PATIENT_CONNECT_ATTEMPTS } from '../limits.ts'
import { page, SERVER } from './refusals.ts'

const FILE = 'unreached.html'
const TITLES = {
  none: '503 Service Temporarily Unavailable',
  refused: '502 Bad Gateway',
  late: '504 Gateway Time-out',
} as const
/** Refusals take less, even where HAProxy pauses between attempts; attempts that were waited for take more. */
const LATE_MILLISECONDS = (CONNECT_SECONDS * 1000) / 2

/** Milliseconds since 1970 at which a target was first looked for; unset where there was none to look for. */
const BEGAN = 'txn.began'
const WAITED = `date(0,ms),sub(${BEGAN})`

export const failureFiles = (): Record<string, string> => ({
  [FILE]: page(
    `%[${WAITED},div(${LATE_MILLISECONDS}),iif("${TITLES.late}","${TITLES.refused}")]%[var(${BEGAN},0),iif("","${TITLES.none}")]`,
  ),
})

/** `isOpen`: all of the targets serve there, so that there may be none. */
export const failureLines = (folder: string, isOpen: boolean): string[] => {
  const reason = (title: string): string => `${title.slice(0, 3)} reason '${title.slice(4)}'`
  const hasBegun = `{ var(${BEGAN}) -m found }`
  const isLate = `{ var(txn.waited) -m int ge ${LATE_MILLISECONDS} }`
  return [
    `http-request set-var(${BEGAN}) date(0,ms)${isOpen ? ' if { nbsrv gt 0 }' : ''}`,
    `http-error status 503 content-type text/html lf-file ${folder}/${FILE} hdr Server ${SERVER}`,
    // What a target itself has answered stays.
    'http-after-response allow unless { status 503 } !{ var(txn.target_status) -m found }',
    `http-after-response set-status ${reason(TITLES.none)} unless ${hasBegun}`,
    `http-after-response set-var(txn.waited) ${WAITED} if ${hasBegun}`,
    `http-after-response set-status ${reason(TITLES.late)} if ${hasBegun} ${isLate}`,
    `http-after-response set-status ${reason(TITLES.refused)} if ${hasBegun} !${isLate}`,
  ]
}

/**
 * Connections are tried again with other targets. Where none is healthy, and where a connection takes a TLS handshake, more
 * patience is better than more attempts; together they take as long as ELB waits.
 */
export const attemptLines = (isPatient: boolean): string[] => {
  const attempts = isPatient ? PATIENT_CONNECT_ATTEMPTS : CONNECT_ATTEMPTS
  return [
    `timeout connect ${Math.round((CONNECT_SECONDS * 1000) / attempts)}ms`,
    `retries ${attempts - 1}`,
    'option redispatch 1',
  ]
}
