// What happened, one line each, as scenarios show it: seconds since the beginning, and the event.

import type { TaskContainer, TaskRecord } from '#apis/ecs/model/task.ts'
import type { Clock } from '#base/clock.ts'

export class Diary {
  readonly lines: string[] = []
  readonly #clock: Clock
  readonly #start: number
  /** Ids are noise: tasks are told by the order in which they came. */
  readonly #names = new Map<string, string>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = clock.now().getTime()
  }

  write(event: string): void {
    const seconds = (this.#clock.now().getTime() - this.#start) / 1000
    this.lines.push(`${seconds.toFixed(1).padStart(6)} ${this.#named(event)}`)
  }

  name(taskId: string): void {
    if (!this.#names.has(taskId))
      this.#names.set(taskId, this.#names.size === 0 ? 'task' : `task ${this.#names.size + 1}`)
  }

  noteChange(before: TaskRecord | undefined, after: TaskRecord | undefined): void {
    const task = after ?? before
    if (task === undefined) return
    this.name(task.id)
    if (after === undefined) return this.write(`${task.id} forgotten`)
    const news = [...statusNews(before, after), ...after.status.containers.flatMap((one) => containerNews(before, one))]
    if (news.length > 0) this.write(`${task.id} ${news.join('; ')}`)
  }

  #named(event: string): string {
    for (const [id, name] of this.#names) event = event.replaceAll(id, name)
    return event.replaceAll(/task( \d+)?-\d{10}/g, 'container')
  }
}

const statusNews = (before: TaskRecord | undefined, after: TaskRecord): string[] => {
  const { status, spec } = after
  const news: string[] = []
  if (before?.status.lastStatus !== status.lastStatus) news.push(status.lastStatus)
  if (before !== undefined && before.spec.stop === undefined && spec.stop !== undefined) news.push('asked to stop')
  if (before?.status.stopCode !== status.stopCode) news.push(`${status.stopCode}: ${status.stoppedReason}`)
  if (before !== undefined && before.status.attachment.status !== status.attachment.status) {
    news.push(`interface ${status.attachment.status}`)
  }
  return news
}

const containerNews = (task: TaskRecord | undefined, after: TaskContainer): string[] => {
  const before = task?.status.containers.find(({ name }) => name === after.name)
  if (before === undefined) return []
  const news: string[] = []
  if (before.lastStatus !== after.lastStatus) {
    const code = after.exitCode === undefined ? '' : ` (${after.exitCode})`
    news.push(`${after.name} ${after.lastStatus}${code}${after.reason === undefined ? '' : `: ${after.reason}`}`)
  }
  if (before.restartCount !== after.restartCount) news.push(`${after.name} restart ${after.restartCount}`)
  const was = before.health?.status ?? 'UNKNOWN'
  if (after.health !== undefined && was !== after.health.status) news.push(`${after.name} ${after.health.status}`)
  return news
}
