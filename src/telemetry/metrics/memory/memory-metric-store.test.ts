import { metricStoreConformance } from '../conformance.ts'
import { memoryMetricStore } from './memory-metric-store.ts'

metricStoreConformance('the metric store in memory', async () => ({ metrics: memoryMetricStore() }))
