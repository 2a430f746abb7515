// The contract of the pool as the task controller sees it: whether a recorded task may take its share of the host now.

export interface Room {
  /** Once it is granted it stays so until the task has stopped. Asking costs nothing. */
  isGranted(taskArn: string): boolean
  /** Called with the ARN of each task that is granted room. Returns "stop watching". */
  watch(granted: (taskArn: string) => void): () => void
}
