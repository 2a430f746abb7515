// The Linux network keeps the contract with real packets, by both ways to the kernel.

import './private-host.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { spawningKernel } from '#linux/network-kernel-spawning.ts'
import { networkConformance } from '../conformance.ts'
import { linuxHarness } from './linux-harness.ts'

networkConformance('Linux, in-process', (options) => linuxHarness(inProcessKernel, options))
networkConformance('Linux, spawning', (options) => linuxHarness(spawningKernel, options))
