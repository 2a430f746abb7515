// Requests that ELB answers by itself before any rule is asked, and the pages it answers with.
// AWS: "Troubleshoot your Application Load Balancers", HTTP errors; "Quotas", HTTP headers.

import { FORWARDED_ADDRESSES, HEADER_LINE_BYTES, REQUEST_LINE_BYTES } from '../limits.ts'
import { quoted } from './quoting.ts'

/** Who gives those answers. */
export const SERVER = 'awselb/2.0'

/** As ELB writes it. */
export const page = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`

/** Those that HAProxy says by itself. */
const OWN_ANSWERS: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  405: '405 Not Allowed',
  408: '408 Request Timeout',
  500: '500 Internal Server Error',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
}

/** Those that HAProxy would not know. */
const MORE_ANSWERS: Readonly<Record<number, string>> = {
  301: '301 Moved Permanently',
  302: '302 Found',
  414: '414 Request-URI Too Large',
  463: '463',
}

export const ownAnswers = (): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(OWN_ANSWERS).map(([status, title]) => {
      const body = page(title)
      const head = `HTTP/1.1 ${title}\r\nServer: ${SERVER}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: keep-alive\r\n\r\n`
      return [`${status}.http`, head + body]
    }),
  ),
  ...Object.fromEntries(Object.entries(MORE_ANSWERS).map(([status, title]) => [`${status}.html`, page(title)])),
})

export const errorLines = (folder: string): string[] => [
  'http-errors elb',
  ...Object.keys(OWN_ANSWERS).map((status) => `  errorfile ${status} ${folder}/${status}.http`),
]

/** But for tabs and line ends: RFC 9110, 5.5. HAProxy hands them on. */
const CONTROL = String.raw`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`

const LONG_LINE = String.raw`(?m)^[^\r\n]{${HEADER_LINE_BYTES + 1}}`

/** What of an answer is not its status: the page that `ownAnswers` has for it, and who says so. */
export const pageWords = (status: number, folder: string): string =>
  `content-type text/html file ${folder}/${status}.html hdr Server ${SERVER}`

const refused = (status: number, folder: string, condition: string): string =>
  status in OWN_ANSWERS
    ? `http-request deny deny_status ${status} if ${condition}`
    : `http-request deny deny_status ${status} ${pageWords(status, folder)} if ${condition}`

/** `req.len`, what is in memory of a request, costs nothing to ask for, and few have that much. */
export const refusalLines = (folder: string): string[] => [
  refused(405, folder, 'METH_TRACE'),
  // It would become a tunnel to a target.
  refused(400, folder, 'METH_CONNECT'),
  // Only HTTP/1.0 may do without a host.
  refused(400, folder, '!{ var(txn.host) -m len gt 0 } !{ req.ver 1.0 }'),
  refused(414, folder, `{ req.len gt ${REQUEST_LINE_BYTES} } { url,length gt ${REQUEST_LINE_BYTES} }`),
  refused(400, folder, `{ req.hdrs -m reg ${quoted(CONTROL)} }`),
  refused(400, folder, `{ req.len gt ${HEADER_LINE_BYTES} } { req.hdrs -m reg ${quoted(LONG_LINE)} }`),
  refused(463, folder, `{ req.hdr_cnt(X-Forwarded-For) gt ${FORWARDED_ADDRESSES} }`),
]
