// Goal: Terraform makes a service behind a load balancer as people really write it, waits until it is steady, finds
// nothing to change, deploys it under load without a client's error, and takes everything away.
// Method: one instance with real containers and HAProxy, the real program and AWS provider, clients that never stop asking.

import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs'
import { expect, it } from 'vitest'
import { loadOn, whoServer } from '#test/front.ts'
import { IMAGE } from '#test/instance.ts'
import { DEFAULT_NETWORK, terraformed } from '#test/terraformed.ts'

/** A bound on a test that hangs: most of its time Terraform waits in pauses of its own. */
const TIMEOUT_MS = 900_000
const POLL = { timeout: 120_000, interval: 200 }

const world = terraformed(TIMEOUT_MS)

const configuration = (word: string): string => `${DEFAULT_NETWORK}
locals {
  everywhere = { from = 0, to = 0, protocol = "-1", cidr = ["0.0.0.0/0"] }
}

resource "aws_security_group" "front" {
  name   = "front"
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = local.everywhere.cidr
  }
  egress {
    from_port   = local.everywhere.from
    to_port     = local.everywhere.to
    protocol    = local.everywhere.protocol
    cidr_blocks = local.everywhere.cidr
  }
}

resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [aws_security_group.front.id]
  }
  egress {
    from_port   = local.everywhere.from
    to_port     = local.everywhere.to
    protocol    = local.everywhere.protocol
    cidr_blocks = local.everywhere.cidr
  }
}

resource "aws_lb" "front" {
  name            = "front"
  subnets         = slice(sort(data.aws_subnets.default.ids), 0, 2)
  security_groups = [aws_security_group.front.id]
}

resource "aws_lb_target_group" "app" {
  name                 = "app"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 5
  health_check {
    path              = "/"
    interval          = 5
    timeout           = 2
    healthy_threshold = 2
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.front.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "app" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_ecs_cluster" "main" {
  name = "balanced"
}

resource "aws_ecs_task_definition" "app" {
  family                   = "balanced"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions = jsonencode([{
    name         = "app"
    image        = "${IMAGE}"
    command      = ${JSON.stringify(whoServer(word))}
    stopTimeout  = 2
    portMappings = [{ containerPort = 8080, hostPort = 8080, protocol = "tcp" }]
  }])
}

resource "aws_ecs_service" "app" {
  name                              = "app"
  cluster                           = aws_ecs_cluster.main.id
  task_definition                   = aws_ecs_task_definition.app.arn
  desired_count                     = 2
  launch_type                       = "FARGATE"
  wait_for_steady_state             = true
  health_check_grace_period_seconds = 10

  network_configuration {
    subnets         = slice(sort(data.aws_subnets.default.ids), 0, 2)
    security_groups = [aws_security_group.app.id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.app.arn
    container_name   = "app"
    container_port   = 8080
  }

  depends_on = [aws_lb_listener_rule.app]
}
`

const applied = (word: string): Promise<string> => {
  return world.apply(configuration(word))
}

const service = async (): Promise<Service | undefined> =>
  (await world.instance.ecs.send(new DescribeServicesCommand({ cluster: 'balanced', services: ['app'] }))).services?.[0]

it(
  'applies, has nothing to change, deploys under load, and destroys',
  async () => {
    expect(await applied('one')).toContain('9 added, 0 changed, 0 destroyed')
    expect(await service()).toMatchObject({
      runningCount: 2,
      healthCheckGracePeriodSeconds: 10,
      loadBalancers: [{ containerName: 'app', containerPort: 8080 }],
    })
    const clients = await loadOn(world.instance, 80)
    await expect.poll(clients.newWords, POLL).toEqual(['one'])

    await world.expectNoChange()

    // A task definition cannot change: there is a new one, and the old one is deregistered.
    expect(await applied('two')).toContain('1 added, 1 changed, 1 destroyed')
    expect(await service()).toMatchObject({ runningCount: 2, deployments: [{ status: 'PRIMARY' }] })
    await expect.poll(clients.newWords, POLL).toEqual(['two'])
    expect(await clients.stop()).toEqual([])
    await world.expectNoChange()

    expect(await world.destroy()).toContain('9 destroyed')
  },
  TIMEOUT_MS,
)
