// How listeners and rules show their actions.

import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ActionRecord, ForwardAction } from './action.ts'

const forward = ({ targetGroups, stickiness }: ForwardAction): Omit<Action, 'Type'> => {
  const [only] = targetGroups
  return {
    ...(only !== undefined && targetGroups.length === 1 ? { TargetGroupArn: only.arn } : {}),
    ForwardConfig: {
      TargetGroups: targetGroups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
      TargetGroupStickinessConfig: {
        Enabled: stickiness?.enabled ?? false,
        ...(stickiness?.durationSeconds === undefined ? {} : { DurationSeconds: stickiness.durationSeconds }),
      },
    },
  }
}

const configuration = (action: ActionRecord): Omit<Action, 'Type'> => {
  switch (action.type) {
    case 'forward':
      return forward(action)
    case 'redirect':
      return {
        RedirectConfig: {
          Protocol: action.protocol,
          Port: action.port,
          Host: action.host,
          Path: action.path,
          Query: action.query,
          StatusCode: action.statusCode,
        },
      }
    case 'fixed-response':
      return {
        FixedResponseConfig: {
          StatusCode: action.statusCode,
          ...(action.contentType === undefined ? {} : { ContentType: action.contentType }),
          ...(action.messageBody === undefined ? {} : { MessageBody: action.messageBody }),
        },
      }
  }
}

export const describeAction = (action: ActionRecord): Action => ({
  Type: action.type,
  ...(action.order === undefined ? {} : { Order: action.order }),
  ...configuration(action),
})
