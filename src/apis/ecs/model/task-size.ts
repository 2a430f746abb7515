// Task sizes: the forms in which CPU and memory are written, and the pairs that Fargate sells.

/** CPU units per vCPU. */
export const UNITS_PER_VCPU = 1024
const MIB_PER_GB = 1024

const CPU = /^(\d+)$|^(\d+|\d*\.\d+)\s*vcpu$/i
const MEMORY = /^(\d+)$|^(\d+|\d*\.\d+)\s*gb$/i

const amount = (text: string, form: RegExp, perUnit: number): number | undefined => {
  const [, plain, units] = form.exec(text.trim()) ?? []
  const value = plain === undefined ? Number(units) * perUnit : Number(plain)
  return Number.isInteger(value) && value > 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined
}

/** "1024", "1 vCPU", ".25 vcpu" → CPU units; undefined when it is none of these. */
export const cpuUnits = (text: string): number | undefined => amount(text, CPU, UNITS_PER_VCPU)

/** "3072", "3 GB", "0.5GB" → MiB; undefined when it is none of these. */
export const memoryMiB = (text: string): number | undefined => amount(text, MEMORY, MIB_PER_GB)

const steps = (least: number, most: number, step: number): readonly number[] =>
  Array.from({ length: (most - least) / step + 1 }, (_, index) => least + index * step)

const GB = MIB_PER_GB

/**
 * MiB for each number of CPU units.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
export const FARGATE_SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1 * GB, 2 * GB]],
  [512, steps(1 * GB, 4 * GB, GB)],
  [1024, steps(2 * GB, 8 * GB, GB)],
  [2048, steps(4 * GB, 16 * GB, GB)],
  [4096, steps(8 * GB, 30 * GB, GB)],
  [8192, steps(16 * GB, 60 * GB, 4 * GB)],
  [16384, steps(32 * GB, 120 * GB, 8 * GB)],
  [32768, [60 * GB, 120 * GB, 244 * GB]],
])

/** Windows needs a whole vCPU, and ends at four. */
const WINDOWS_CPU = { least: 1024, most: 4096 }

export const isFargateSize = (cpu: number, memory: number, windows = false): boolean =>
  (!windows || (cpu >= WINDOWS_CPU.least && cpu <= WINDOWS_CPU.most)) &&
  (FARGATE_SIZES.get(cpu)?.includes(memory) ?? false)

/** EC2 tasks: 0.125 to 192 vCPU. */
export const EC2_CPU = { least: 128, most: 196_608 }
