// A request that cannot be read as its protocol says; the stage that decodes words it for the API in question.

export type DecodeProblemKind =
  /** Not JSON, not XML, not CBOR, not a form. */
  | 'malformed'
  /** Well-formed, but a value has another type than the model says. */
  | 'wrong-type'
  /** A limit of ours; it says which. */
  | 'too-large'

export class DecodeProblem extends Error {
  readonly kind: DecodeProblemKind
  /** The member at fault, where one is known: "networkConfiguration.subnets". */
  readonly path: string

  constructor(kind: DecodeProblemKind, message: string, path = '') {
    super(message)
    this.name = 'DecodeProblem'
    this.kind = kind
    this.path = path
  }
}

export const wrongType = (message: string, path = ''): DecodeProblem => new DecodeProblem('wrong-type', message, path)
