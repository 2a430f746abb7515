// The refusals of CloudWatch Logs, and the sentences that several operations say.

import type * as sdk from '@aws-sdk/client-cloudwatch-logs'
import { refusal } from '#aws/refusal.ts'

export const InvalidParameterException = refusal<sdk.InvalidParameterException>('InvalidParameterException')
export const ResourceAlreadyExistsException = refusal<sdk.ResourceAlreadyExistsException>(
  'ResourceAlreadyExistsException',
)
export const ResourceNotFoundException = refusal<sdk.ResourceNotFoundException>('ResourceNotFoundException')
export const TooManyTagsException = refusal<sdk.TooManyTagsException>('TooManyTagsException')

export const noSuchGroup = () => ResourceNotFoundException('The specified log group does not exist.')
export const noSuchStream = () => ResourceNotFoundException('The specified log stream does not exist.')
export const badToken = () => InvalidParameterException('The specified nextToken is invalid.')
