// What a strategy that shifts traffic needs of a load balancer.

import { expect, it } from 'vitest'
import { firstOf } from './problem.ts'
import { advancedConfigurationProblems } from './service-attachments.ts'

const WHOLE = {
  alternateTargetGroupArn: 'green',
  productionListenerRule: 'rule',
  roleArn: 'arn:aws:iam::123456789012:role/ecs-load-balancing',
}

it.each<[object | undefined, string | undefined]>([
  [WHOLE, undefined],
  [undefined, 'advancedConfiguration must be specified for load balancers when the deployment strategy is BLUE_GREEN.'],
  [{ ...WHOLE, productionListenerRule: '' }, 'productionListenerRule of advancedConfiguration can not be blank.'],
  [{ ...WHOLE, roleArn: undefined }, 'roleArn of advancedConfiguration can not be blank.'],
  [{ ...WHOLE, roleArn: 'ecs-load-balancing' }, 'roleArn of advancedConfiguration is not a valid ARN.'],
  [
    { ...WHOLE, alternateTargetGroupArn: 'blue' },
    'alternateTargetGroupArn of advancedConfiguration must be different from targetGroupArn.',
  ],
  [
    { ...WHOLE, testListenerRule: 'rule' },
    'testListenerRule of advancedConfiguration must be different from productionListenerRule.',
  ],
])('%j: %s', (advancedConfiguration, problem) => {
  const balancer = { targetGroupArn: 'blue', ...(advancedConfiguration === undefined ? {} : { advancedConfiguration }) }
  expect(firstOf(advancedConfigurationProblems([balancer] as never, 'BLUE_GREEN'))).toBe(problem)
})
