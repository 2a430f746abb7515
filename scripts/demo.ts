// The demo: a task and then a web service on this machine, through the same APIs that AWS has.

import { clientFor } from '#cli/client.ts'
import { runningServer } from '#cli/instance.ts'
import { readConfig } from '#config.ts'
import { busyboxImage } from '#engine/images/busybox-image.ts'
import { IMAGE, neargate, say, texts } from './demo/stage.ts'
import { runTask } from './demo/task.ts'
import { NAME, serveWeb } from './demo/web.ts'

const config = readConfig()
if (runningServer(config) === undefined) {
  say('Neargate is not running: starting it.')
  neargate('up')
} else {
  say(`Neargate runs on ${runningServer(config)?.endpoint}.`)
}
const client = clientFor(config)

say(`\nMaking the image ${IMAGE} from this host's busybox.`)
await client.own('PUT', '/_neargate/images', busyboxImage({ reference: IMAGE }))

const network = await client.query('ec2', 'DescribeSubnets', {
  'Filter.1.Name': 'default-for-az',
  'Filter.1.Value.1': 'true',
})
const [vpcId = ''] = texts(network, 'vpcId')
const place = { client, config, vpcId, subnets: texts(network, 'subnetId').slice(0, 2) }

const { arn, isWell } = await runTask(place)
const isServed = await serveWeb(place)
say(`
Try next:
  eval "$(./neargate env)"
  aws ecs describe-tasks --tasks ${arn.split('/').at(-1)}
  aws logs filter-log-events --log-group-name /neargate/demo --query 'events[].message'
  curl "$(./neargate url ${NAME})"
  ./neargate logs --load-balancer ${NAME} --follow
  aws ecs update-service --service ${NAME} --desired-count 2
  aws ecs delete-service --service ${NAME} --force
  ./neargate status
  ./neargate down`)
if (!isWell || !isServed) process.exit(1)
