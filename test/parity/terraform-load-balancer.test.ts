// Goal: Terraform makes load balancers with all that belongs to them, finds nothing to change, changes them, and takes
// them away.
// Method: the API in this process, the real program and AWS provider. What answers traffic is tested elsewhere: see
// balancer-stand-in.ts.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listeners, loadBalancers, rules, targetGroups } from '#apis/elbv2/tables.ts'
import { certificates } from '#apis/acm/tables.ts'
import { runToEnd } from '#base/run.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { KEY, type Started } from '#test/api-server.ts'
import { awsEnvironment } from '#test/aws-environment.ts'
import { apiWithBalancers } from '#test/balancer-stand-in.ts'
import { type Terraform, terraform } from '#test/terraform.ts'

const TIMEOUT_MS = 600_000
const store = memoryStore()

let server: Started
let tool: Terraform | undefined
let folder: string
beforeAll(async () => {
  server = await apiWithBalancers(store)
  const env = awsEnvironment({ endpoint: server.endpoint, region: 'eu-west-1', credentials: KEY })
  tool = await terraform({ withAws: (command, ...args) => runToEnd(command, args, { timeoutSeconds: 300, env }) })
  folder = mkdtempSync(join(tmpdir(), 'neargate-certificate-'))
}, TIMEOUT_MS)
afterAll(async () => {
  tool?.remove()
  rmSync(folder, { recursive: true, force: true })
  await server.close()
})

const NETWORK = `
resource "aws_vpc" "main" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = ["eu-west-1a", "eu-west-1b"][count.index]
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
`

const application = (delay: number, policy: string): string => `
resource "aws_lb" "web" {
  name                       = "web"
  load_balancer_type         = "application"
  security_groups            = [aws_security_group.web.id]
  subnets                    = aws_subnet.main[*].id
  idle_timeout               = 90
  drop_invalid_header_fields = true
  tags                       = { stage = "test" }
  depends_on                 = [aws_internet_gateway.main]
}

resource "aws_lb_target_group" "web" {
  count                = 2
  name                 = "web-\${count.index}"
  port                 = 8080
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = aws_vpc.main.id
  deregistration_delay = ${delay}
  slow_start           = 30
  health_check {
    path                = "/health"
    matcher             = "200-299"
    interval            = 10
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 600
  }
}

resource "aws_lb_target_group_attachment" "web" {
  target_group_arn = aws_lb_target_group.web[0].arn
  target_id        = "10.30.0.77"
  port             = 8080
}

resource "aws_acm_certificate" "web" {
  domain_name               = "example.test"
  subject_alternative_names = ["*.example.test"]
  validation_method         = "DNS"
  tags                      = { stage = "test" }
}

resource "aws_acm_certificate_validation" "web" {
  certificate_arn = aws_acm_certificate.web.arn
}

resource "aws_acm_certificate" "imported" {
  private_key      = file("${'${path.module}'}/key.pem")
  certificate_body = file("${'${path.module}'}/certificate.pem")
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.web.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "${policy}"
  certificate_arn   = aws_acm_certificate_validation.web.certificate_arn
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.web[0].arn
        weight = 90
      }
      target_group {
        arn    = aws_lb_target_group.web[1].arn
        weight = 10
      }
      stickiness {
        enabled  = true
        duration = 300
      }
    }
  }
}

resource "aws_lb_listener_certificate" "imported" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate.imported.arn
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener_rule" "all" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web[1].arn
  }
  condition {
    host_header { values = ["*.example.test"] }
  }
  condition {
    path_pattern { values = ["/a/*"] }
  }
  condition {
    http_request_method { values = ["GET"] }
  }
  condition {
    http_header {
      http_header_name = "X-Version"
      values           = ["2*"]
    }
  }
  condition {
    source_ip { values = ["10.0.0.0/8"] }
  }
}

resource "aws_lb_listener_rule" "fixed" {
  listener_arn = aws_lb_listener.https.arn
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "${delay}"
      status_code  = "503"
    }
  }
  condition {
    query_string {
      key   = "down"
      value = "yes"
    }
  }
}
`

const OTHERS = `
resource "aws_lb" "net" {
  name                             = "net"
  load_balancer_type               = "network"
  internal                         = true
  enable_cross_zone_load_balancing = true
  subnet_mapping {
    subnet_id            = aws_subnet.main[0].id
    private_ipv4_address = "10.30.0.200"
  }
}

resource "aws_lb_target_group" "net" {
  name              = "net"
  port              = 53
  protocol          = "TCP_UDP"
  target_type       = "ip"
  vpc_id            = aws_vpc.main.id
}

resource "aws_lb_listener" "net" {
  load_balancer_arn = aws_lb.net.arn
  port              = 53
  protocol          = "TCP_UDP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.net.arn
  }
}
`

const applied = async (configuration: string): Promise<void> => {
  tool!.write(configuration)
  const result = await tool!.run('apply', '-auto-approve', '-parallelism=4')
  expect(result.exitCode, result.stdout + result.stderr).toBe(0)
  const plan = await tool!.run('plan', '-detailed-exitcode')
  expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
}

it(
  'makes, leaves alone, changes and removes load balancers and certificates',
  async () => {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    const openssl = `req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=imported.test -keyout ${key} -out ${certificate}`
    expect(await runToEnd('openssl', openssl.split(' '))).toMatchObject({ exitCode: 0 })
    const written = (text: string): string => text.replaceAll('${path.module}', folder)
    await applied(written(NETWORK + application(300, 'ELBSecurityPolicy-TLS13-1-2-2021-06') + OTHERS))
    await applied(written(NETWORK + application(30, 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06') + OTHERS))
    const rows = await store.read((reader) => reader.list(targetGroups))
    expect(rows.filter(({ spec }) => spec.attributes['deregistration_delay.timeout_seconds'] === '30')).toHaveLength(2)
    const result = await tool!.run('destroy', '-auto-approve')
    expect(result.exitCode, result.stdout + result.stderr).toBe(0)
    for (const table of [loadBalancers, listeners, rules, targetGroups, certificates]) {
      expect(await store.read((reader) => reader.count<unknown>(table as never))).toBe(0)
    }
    expect(server.bugs).toEqual([])
  },
  TIMEOUT_MS,
)
