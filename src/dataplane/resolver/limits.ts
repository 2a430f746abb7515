// How much a resolver takes from tasks, who are hostile, and from other resolvers, who may be.

/** RFC 1035 2.3.4. */
export const LABEL_BYTES = 63
export const NAME_BYTES = 255
/** A name needs no more jumps than it has labels. */
export const COMPRESSION_JUMPS = 127
/** RFC 1035 4.2.1: what every client takes over UDP. */
export const UDP_BYTES = 512
/** DNS flag day 2020: what passes every path unfragmented. */
export const EDNS_UDP_BYTES = 1232
/** A question is small; nothing larger is read. */
export const QUERY_BYTES = 4096
/** AWS: 1,024 packets per second per network interface, others are dropped. */
export const QUERIES_PER_SECOND = 1024
/** Sources whose rate is remembered, per VPC: more addresses than a /16 has cannot ask. */
export const RATED_SOURCES = 65_536
export const TCP_CONNECTIONS_PER_SOURCE = 32
export const TCP_IDLE_SECONDS = 10
export const FORWARDED_AT_ONCE = 512
export const FORWARD_TIMEOUT_SECONDS = 2
/** Each of the host's resolvers is asked at most that often. */
export const FORWARD_ROUNDS = 2
/** Answers of our own are kept by clients for that long: AWS uses 60 for internal names. */
export const TTL_SECONDS = 60
/** How long clients may remember that a name of ours does not exist; short, since tasks come and go. */
export const NEGATIVE_TTL_SECONDS = 5
