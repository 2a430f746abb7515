// Both network kernels keep the same promises.

import { networkKernelConformance } from './network-kernel-conformance.ts'
import { inProcessKernel } from './network-kernel-in-process.ts'
import { spawningKernel } from './network-kernel-spawning.ts'

networkKernelConformance(inProcessKernel)
networkKernelConformance(spawningKernel)
