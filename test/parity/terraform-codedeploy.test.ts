// Goal: Terraform makes what CodeDeploy needs to deploy a service, finds nothing to change, changes it, and takes it away.
// Method: one instance, the real program and AWS provider; a service of no tasks: deployments are tested elsewhere.

import { CodeDeployClient, GetDeploymentGroupCommand, ListApplicationsCommand } from '@aws-sdk/client-codedeploy'
import { expect, it } from 'vitest'
import { IMAGE } from '#test/instance.ts'
import { DEFAULT_NETWORK, terraformed } from '#test/terraformed.ts'

/** A bound on a test that hangs: most of its time Terraform waits in pauses of its own. */
const TIMEOUT_MS = 600_000

const world = terraformed(TIMEOUT_MS)

const configuration = (percentage: number, wait: number): string => `${DEFAULT_NETWORK}
resource "aws_lb" "web" {
  name     = "web"
  internal = true
  subnets  = slice(sort(data.aws_subnets.default.ids), 0, 2)
}

resource "aws_lb_target_group" "web" {
  for_each    = toset(["blue", "green"])
  name        = "web-\${each.key}"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = data.aws_vpc.default.id
}

resource "aws_lb_listener" "web" {
  for_each          = { production = 80, test = 8080 }
  load_balancer_arn = aws_lb.web.arn
  port              = each.value
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web["blue"].arn
  }
  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_ecs_cluster" "main" {
  name = "terraformed"
}

resource "aws_ecs_task_definition" "web" {
  family                   = "terraformed"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "web", image = "${IMAGE}", portMappings = [{ containerPort = 80 }] }])
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 0
  launch_type     = "FARGATE"
  deployment_controller {
    type = "CODE_DEPLOY"
  }
  network_configuration {
    subnets = data.aws_subnets.default.ids
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.web["blue"].arn
    container_name   = "web"
    container_port   = 80
  }
  depends_on = [aws_lb_listener.web]
  lifecycle {
    ignore_changes = [task_definition, load_balancer]
  }
}

resource "aws_iam_role" "deployer" {
  name               = "deployer"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codedeploy.amazonaws.com" } }]
  })
}

resource "aws_codedeploy_app" "web" {
  compute_platform = "ECS"
  name             = "web"
  tags             = { stage = "test" }
}

resource "aws_codedeploy_deployment_config" "web" {
  deployment_config_name = "careful-${percentage}"
  compute_platform       = "ECS"
  traffic_routing_config {
    type = "TimeBasedCanary"
    time_based_canary {
      interval   = 3
      percentage = ${percentage}
    }
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_codedeploy_deployment_group" "web" {
  app_name               = aws_codedeploy_app.web.name
  deployment_config_name = aws_codedeploy_deployment_config.web.deployment_config_name
  deployment_group_name  = "live"
  service_role_arn       = aws_iam_role.deployer.arn
  tags                   = { stage = "test" }

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
  }

  alarm_configuration {
    enabled = true
    alarms  = ["errors"]
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout    = "STOP_DEPLOYMENT"
      wait_time_in_minutes = 10
    }
    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = ${wait}
    }
  }

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  ecs_service {
    cluster_name = aws_ecs_cluster.main.name
    service_name = aws_ecs_service.web.name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.web["production"].arn]
      }
      test_traffic_route {
        listener_arns = [aws_lb_listener.web["test"].arn]
      }
      target_group {
        name = aws_lb_target_group.web["blue"].name
      }
      target_group {
        name = aws_lb_target_group.web["green"].name
      }
    }
  }
}
`

const applied = async (percentage: number, wait: number): Promise<void> => {
  await world.apply(configuration(percentage, wait))
  await world.expectNoChange()
}

it(
  'applies, has nothing to change, changes the group and its configuration, and destroys',
  async () => {
    const codedeploy = new CodeDeployClient(world.instance.sdk)
    await applied(10, 5)
    await applied(20, 7)
    const named = { applicationName: 'web', deploymentGroupName: 'live' }
    const { deploymentGroupInfo } = await codedeploy.send(new GetDeploymentGroupCommand(named))
    expect(deploymentGroupInfo).toMatchObject({
      deploymentConfigName: 'careful-20',
      blueGreenDeploymentConfiguration: {
        terminateBlueInstancesOnDeploymentSuccess: { terminationWaitTimeInMinutes: 7 },
      },
    })
    await world.destroy()
    expect((await codedeploy.send(new ListApplicationsCommand({}))).applications).toEqual([])
  },
  TIMEOUT_MS,
)
