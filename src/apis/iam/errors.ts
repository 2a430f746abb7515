// IAM's refusals, with the texts the service writes.

import type * as sdk from '@aws-sdk/client-iam'
import { AwsError, refusal } from '#aws/refusal.ts'

export const NoSuchEntity = refusal<sdk.NoSuchEntityException>('NoSuchEntityException')
export const EntityAlreadyExists = refusal<sdk.EntityAlreadyExistsException>('EntityAlreadyExistsException')
export const DeleteConflict = refusal<sdk.DeleteConflictException>('DeleteConflictException')
export const InvalidInput = refusal<sdk.InvalidInputException>('InvalidInputException')
export const LimitExceeded = refusal<sdk.LimitExceededException>('LimitExceededException')
export const MalformedPolicyDocument = refusal<sdk.MalformedPolicyDocumentException>('MalformedPolicyDocumentException')
export const UnmodifiableEntity = refusal<sdk.UnmodifiableEntityException>('UnmodifiableEntityException')

/** Not modelled: what is refused before an operation looks. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message)
