// The refusals of Certificate Manager, with the texts the service writes.

import type * as sdk from '@aws-sdk/client-acm'
import { refusal } from '#aws/refusal.ts'

export const InvalidDomainValidationOptionsException = refusal<sdk.InvalidDomainValidationOptionsException>(
  'InvalidDomainValidationOptionsException',
)
export const InvalidArnException = refusal<sdk.InvalidArnException>('InvalidArnException')
export const InvalidParameterException = refusal<sdk.InvalidParameterException>('InvalidParameterException')
export const InvalidTagException = refusal<sdk.InvalidTagException>('InvalidTagException')
export const LimitExceededException = refusal<sdk.LimitExceededException>('LimitExceededException')
export const ResourceInUseException = refusal<sdk.ResourceInUseException>('ResourceInUseException')
export const ResourceNotFoundException = refusal<sdk.ResourceNotFoundException>('ResourceNotFoundException')
export const TooManyTagsException = refusal<sdk.TooManyTagsException>('TooManyTagsException')
export const ValidationException = refusal<sdk.ValidationException>('ValidationException')
