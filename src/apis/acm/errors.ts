// The refusals of Certificate Manager, with the texts the service writes.

import type * as sdk from '@aws-sdk/client-acm'
import { refusal } from '#aws/refusal.ts'

export const InvalidDomainValidationOptionsException = refusal<sdk.InvalidDomainValidationOptionsException>(
  'InvalidDomainValidationOptionsException',
  'client',
)
export const InvalidArnException = refusal<sdk.InvalidArnException>('InvalidArnException', 'client')
export const InvalidParameterException = refusal<sdk.InvalidParameterException>('InvalidParameterException', 'client')
export const InvalidTagException = refusal<sdk.InvalidTagException>('InvalidTagException', 'client')
export const LimitExceededException = refusal<sdk.LimitExceededException>('LimitExceededException', 'client')
export const ResourceInUseException = refusal<sdk.ResourceInUseException>('ResourceInUseException', 'client')
export const ResourceNotFoundException = refusal<sdk.ResourceNotFoundException>('ResourceNotFoundException', 'client')
export const TooManyTagsException = refusal<sdk.TooManyTagsException>('TooManyTagsException', 'client')
export const ValidationException = refusal<sdk.ValidationException>('ValidationException', 'client')
