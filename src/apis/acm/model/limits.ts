// The quotas of Certificate Manager, AWS's defaults. (https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html)

export const CERTIFICATES_PER_REGION = 2500
export const NAMES_PER_CERTIFICATE = 10
export const TAGS_PER_CERTIFICATE = 50
/** A common name has room for no more (RFC 5280, upper bounds). */
export const FIRST_NAME_CHARACTERS = 64

/** For so long is what Certificate Manager issues valid. */
export const VALIDITY_DAYS = 395
/** The same token and names within that time make one certificate. */
export const TOKEN_SECONDS = 3600
/** ListCertificates shows no more names of each. */
export const NAMES_SHOWN = 100
export const PAGE_ITEMS = 1000
