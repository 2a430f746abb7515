// Goal: Terraform makes an ECS service as people really write it, finds nothing to change, scales and deploys it, and
// takes it away.
// Method: one instance with real containers, the real program and AWS provider; read back over the API.

import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { IMAGE } from '#test/instance.ts'
import { DEFAULT_NETWORK, terraformed } from '#test/terraformed.ts'

/** A bound on a test that hangs: most of its time Terraform waits in pauses of its own. */
const TIMEOUT_MS = 600_000

const world = terraformed(TIMEOUT_MS)

const configuration = ({
  count,
  word,
}: {
  readonly count: number
  readonly word: string
}): string => `${DEFAULT_NETWORK}
resource "aws_ecs_cluster" "main" {
  name = "terraformed"
}

resource "aws_ecs_cluster_capacity_providers" "main" {
  cluster_name       = aws_ecs_cluster.main.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_security_group" "app" {
  name   = "terraformed"
  vpc_id = data.aws_vpc.default.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_ecs_task_definition" "app" {
  family                   = "terraformed"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name        = "app"
    image       = "${IMAGE}"
    command     = ["sh", "-c", "trap 'exit 0' TERM; echo ${word}; while :; do sleep 1; done"]
    stopTimeout = 2
    healthCheck = { command = ["CMD-SHELL", "true"], interval = 5, retries = 3, timeout = 2 }
  }])
}

resource "aws_ecs_service" "app" {
  name                    = "app"
  cluster                 = aws_ecs_cluster.main.id
  task_definition         = aws_ecs_task_definition.app.arn
  desired_count           = ${count}
  launch_type             = "FARGATE"
  wait_for_steady_state   = true
  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"
  tags                    = { team = "a" }

  network_configuration {
    subnets          = data.aws_subnets.default.ids
    security_groups  = [aws_security_group.app.id]
    assign_public_ip = false
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  depends_on = [aws_ecs_cluster_capacity_providers.main]
}
`

const applied = (wish: { readonly count: number; readonly word: string }): Promise<string> => {
  return world.apply(configuration(wish))
}
const service = async (): Promise<Service | undefined> =>
  (await world.instance.ecs.send(new DescribeServicesCommand({ cluster: 'terraformed', services: ['app'] })))
    .services?.[0]

it(
  'applies, has nothing to change, scales, deploys, and destroys',
  async () => {
    expect(await applied({ count: 1, word: 'one' })).toContain('5 added, 0 changed, 0 destroyed')
    expect(await service()).toMatchObject({ runningCount: 1, launchType: 'FARGATE', propagateTags: 'SERVICE' })

    await world.expectNoChange()

    const before = await service()
    expect(await applied({ count: 2, word: 'one' })).toContain('0 added, 1 changed, 0 destroyed')
    const scaled = await service()
    expect(scaled).toMatchObject({ runningCount: 2 })
    expect(scaled?.currentServiceDeployment).toBe(before?.currentServiceDeployment)

    // A task definition cannot change: there is a new one, and the old one is deregistered.
    expect(await applied({ count: 2, word: 'two' })).toContain('1 added, 1 changed, 1 destroyed')
    const deployed = await service()
    expect(deployed).toMatchObject({ runningCount: 2, deployments: [{ status: 'PRIMARY' }] })
    // Terraform waits for the counts; the rollout is complete when the new tasks have run for a while.
    const rollout = async () => (await service())?.deployments?.[0]?.rolloutState
    await expect.poll(rollout, { timeout: 60_000 }).toBe('COMPLETED')
    expect(deployed?.taskDefinition).toMatch(/terraformed:2$/)

    expect(await world.destroy()).toContain('5 destroyed')
  },
  TIMEOUT_MS,
)

/** Services of each kind that run nothing: what of them Terraform reads back is what it has written. */
const KINDS = `${DEFAULT_NETWORK}
resource "aws_ecs_task_definition" "idle" {
  family                   = "idle"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "app", image = "${IMAGE}" }])
}

resource "aws_ecs_service" "spot" {
  name                               = "spot"
  task_definition                    = aws_ecs_task_definition.idle.arn
  desired_count                      = 0
  deployment_maximum_percent         = 100
  deployment_minimum_healthy_percent = 0
  availability_zone_rebalancing      = "DISABLED"
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 1
  }
  capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 4
  }
  network_configuration {
    subnets = data.aws_subnets.default.ids
  }
}

resource "aws_ecs_service" "watched" {
  name             = "watched"
  task_definition  = "\${aws_ecs_task_definition.idle.family}:\${aws_ecs_task_definition.idle.revision}"
  desired_count    = 0
  launch_type      = "FARGATE"
  platform_version = "1.4.0"
  alarms {
    enable      = true
    rollback    = true
    alarm_names = ["errors"]
  }
  service_connect_configuration {
    enabled = false
  }
  network_configuration {
    subnets = data.aws_subnets.default.ids
  }
}

resource "aws_ecs_service" "external" {
  name          = "external"
  desired_count = 0
  deployment_controller {
    type = "EXTERNAL"
  }
}
`

it(
  'has nothing to change in services of other kinds, either',
  async () => {
    expect(await world.apply(KINDS)).toContain('4 added, 0 changed, 0 destroyed')
    await world.expectNoChange()
    expect(await world.destroy()).toContain('4 destroyed')
  },
  TIMEOUT_MS,
)
