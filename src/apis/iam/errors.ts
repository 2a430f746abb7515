// IAM's refusals, with the texts the service writes.

import type * as sdk from '@aws-sdk/client-iam'
import { AwsError, refusal } from '#aws/refusal.ts'

export const NoSuchEntity = refusal<sdk.NoSuchEntityException>('NoSuchEntityException', 'client')
export const EntityAlreadyExists = refusal<sdk.EntityAlreadyExistsException>('EntityAlreadyExistsException', 'client')
export const DeleteConflict = refusal<sdk.DeleteConflictException>('DeleteConflictException', 'client')
export const InvalidInput = refusal<sdk.InvalidInputException>('InvalidInputException', 'client')
export const LimitExceeded = refusal<sdk.LimitExceededException>('LimitExceededException', 'client')
export const MalformedPolicyDocument = refusal<sdk.MalformedPolicyDocumentException>(
  'MalformedPolicyDocumentException',
  'client',
)
export const UnmodifiableEntity = refusal<sdk.UnmodifiableEntityException>('UnmodifiableEntityException', 'client')

/** Not modelled: what is refused before an operation looks. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message)
