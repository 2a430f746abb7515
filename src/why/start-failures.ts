// Why a task could not start, from ECS's words for it to plain ones. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html

import type { Verdict } from './exit-codes.ts'

interface Rule extends Verdict {
  readonly pattern: RegExp
}

/** The first that matches counts. */
const RULES: readonly Rule[] = [
  {
    pattern: /^CannotPull\w*Error: .*\/\/neargate\.local\//s,
    meaning: 'no image of that name has been brought in',
    tryThis: ['See what is here: neargate images ls', 'Bring it in: docker save IMAGE | neargate images import -'],
  },
  {
    pattern: /^CannotPull\w*Error: .*(not found|manifest unknown|does not exist)/is,
    meaning: 'the image does not exist under that name',
    tryThis: [
      'See what is here: neargate images ls',
      'Bring it in: docker save IMAGE | neargate images import -',
      'Mind the tag: without one it is "latest".',
    ],
  },
  {
    pattern: /^CannotPull\w*Error: .*(unauthorized|denied|authentication)/is,
    meaning: 'the registry refused to give the image',
    tryThis: ['Pull it where you are logged in, and bring it in: docker save IMAGE | neargate images import -'],
  },
  {
    pattern: /^CannotPull\w*Error: .*toomanyrequests/is,
    meaning: 'the registry allows no more pulls for now',
    tryThis: ['Wait, or bring the image in: docker save IMAGE | neargate images import -'],
  },
  {
    pattern: /^CannotPull\w*Error: .*(dial tcp|no such host|i\/o timeout|TLS handshake|deadline exceeded)/s,
    meaning: 'the image’s registry could not be reached',
    tryThis: [
      'See whether this machine reaches the registry; through a proxy, or not at all, bring the image in instead:',
      'docker save IMAGE | neargate images import -',
    ],
  },
  {
    pattern: /^CannotPull/,
    meaning: 'the image could not be pulled',
    tryThis: ['See whether this machine reaches the registry, and whether the name of the image is right.'],
  },
  {
    pattern: /log group defined in the task definition/,
    meaning: 'the log group that its containers log to does not exist',
    tryThis: [
      'Create it: aws logs create-log-group --log-group-name GROUP',
      'Or let ECS do so: "awslogs-create-group": "true" among the log options.',
    ],
  },
  {
    pattern: /^ResourceInitializationError: Neargate does not support/,
    meaning: 'its definition asks for something that Neargate does not have yet',
    tryThis: ['Leave it out for this run; the API’s README says what there is.'],
  },
  {
    pattern: /^ResourceInitializationError/,
    meaning: 'what the task needs before its first container could not be made ready',
    tryThis: ['See what this host lacks: neargate doctor'],
  },
  {
    pattern: /InsufficientFreeAddresses/,
    meaning: 'its subnets have no free address left',
    tryThis: ['Name another subnet, stop tasks in this one, or make a larger one.'],
  },
  {
    pattern: /InvalidSubnetID|InvalidGroup|Unexpected EC2 error/,
    meaning: 'its network interface could not be made',
    tryThis: ['See that the subnets and security groups still exist: aws ec2 describe-subnets'],
  },
  {
    pattern: /^Timeout waiting for network interface/,
    meaning: 'its network interface was not ready in time',
    tryThis: ['See what this host lacks: neargate doctor', 'Read the control plane’s own log: neargate logs'],
  },
  {
    pattern: /^TaskDependencyError/,
    meaning: 'a container waited for another one ("dependsOn") in a way that can never come true',
    tryThis: ['See below which one, and why it did not start or did not become what was waited for.'],
  },
  {
    pattern: /^CannotStartContainerError: .*(executable file not found|no such file)/is,
    meaning: 'a container’s command is not in its image',
    tryThis: ['See that "command" and "entryPoint" name a program that the image has.'],
  },
  {
    pattern: /^CannotStartContainerError: .*(permission denied|exec format)/is,
    meaning: 'a container’s command could not be executed',
    tryThis: ['Make the file executable, and build it for the processor of "runtimePlatform".'],
  },
  {
    pattern: /^Cannot(Start|Create)\w*Error/,
    meaning: 'a container could not be started',
    tryThis: ['See what this host lacks: neargate doctor'],
  },
  {
    pattern: /Capacity is unavailable/,
    meaning: 'there was no room for it on this host',
    tryThis: ['See what holds the room: neargate status'],
  },
]

/** Undefined for words that nobody has explained yet. */
export const startFailure = (reason: string): Verdict | undefined => RULES.find(({ pattern }) => pattern.test(reason))
