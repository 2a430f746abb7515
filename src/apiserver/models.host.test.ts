// The checked-in models against botocore's own: a drift of either shows here. Needs botocore on the machine.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MODELS_FOLDER, modelsIn } from './models.ts'
import type { Member, Shape } from './shape.ts'

const data = execFileSync('python3', ['-c', 'import botocore.loaders as l; print(l.Loader.BUILTIN_DATA_PATH)'], {
  encoding: 'utf8',
}).trim()

interface BotoRef {
  readonly shape: string
  readonly locationName?: string
  readonly location?: string
  readonly queryName?: string
  readonly flattened?: boolean
}
interface BotoShape {
  readonly type: string
  readonly required?: readonly string[]
  readonly members?: Readonly<Record<string, BotoRef>>
  readonly member?: BotoRef
  readonly value?: BotoRef
  readonly flattened?: boolean
}
interface BotoModel {
  readonly metadata: { readonly protocol: string; readonly apiVersion: string; readonly targetPrefix?: string }
  readonly operations: Readonly<Record<string, { input?: BotoRef; output?: BotoRef; http: { responseCode?: number } }>>
  readonly shapes: Readonly<Record<string, BotoShape>>
}

const botoModel = (path: string): BotoModel =>
  JSON.parse(gunzipSync(readFileSync(join(data, path, 'service-2.json.gz'))).toString()) as BotoModel

const models = modelsIn(MODELS_FOLDER, join(import.meta.dirname, '../../test/fixtures/models'))

const KINDS: Readonly<Record<string, readonly string[]>> = {
  structure: ['structure', 'union', 'document'],
  string: ['string'],
  character: ['string'],
  list: ['list'],
  map: ['map'],
  boolean: ['boolean'],
  timestamp: ['timestamp'],
  blob: ['blob'],
}

/** Walks both models together from each operation and collects what differs. */
const differences = (name: string, boto: BotoModel): { compared: number; found: string[] } => {
  const found: string[] = []
  let compared = 0
  const seen = new Set<string>()

  const isEc2 = boto.metadata.protocol === 'ec2'
  const isJson = boto.metadata.protocol === 'json'

  const compareName = (member: Member, ref: BotoRef, path: string): void => {
    // JSON uses the member's own name, and labels of a path are found by it too.
    if (isJson || member.binding === 'label') return
    if (isEc2 && path.includes('(')) {
      const name = ref.locationName ?? member.name
      const queryName = ref.queryName ?? name.charAt(0).toUpperCase() + name.slice(1)
      if (member.ec2Name !== queryName) found.push(`${path}: query name ${member.ec2Name} ${queryName}`)
      return
    }
    const name = (member.binding === 'body' ? member.xmlName : member.boundName) ?? member.name
    if (name !== (ref.locationName ?? member.name)) found.push(`${path}: name ${name} ${ref.locationName}`)
  }

  const compareMember = (member: Member, ref: BotoRef, path: string): void => {
    compared++
    const target = boto.shapes[ref.shape]!
    compareName(member, ref, path)
    if (member.flattened !== (ref.flattened ?? target.flattened ?? false)) found.push(`${path}: flattened`)
    const kinds = KINDS[target.type]
    const isNumber = ['integer', 'long', 'float', 'double', 'number', 'byte', 'short'].includes(member.shape.type)
    // Route 53 pages with numbers that botocore takes for text.
    const isPageSize = /^Max(Items|Results)$/.test(member.name) && target.type === 'string'
    if (kinds === undefined ? !isNumber : !kinds.includes(member.shape.type) && !isPageSize) {
      found.push(`${path}: ${member.shape.type} ${target.type}`)
    }
    compareShape(member.shape, ref.shape, path)
  }

  const compareShape = (shape: Shape, botoName: string, path: string): void => {
    const target = boto.shapes[botoName]!
    const key = `${shape.name} ${botoName} ${path.includes('(')}`
    if (seen.has(key)) return
    seen.add(key)
    for (const member of shape.members) {
      const ref = target.members?.[member.name]
      // Members newer than this botocore cannot be compared.
      if (ref === undefined) continue
      const isRequired = target.required?.includes(member.name) ?? false
      // Clients fill tokens in, so the SDK does not count them; since botocore's release some have become optional.
      if (member.required && !isRequired && !member.idempotencyToken)
        found.push(`${path}.${member.name}: required here`)
      compareMember(member, ref, `${path}.${member.name}`)
    }
    const lost = Object.keys(target.members ?? {}).filter((member) => !shape.byName.has(member))
    if (shape.type === 'structure' && lost.length > 0) found.push(`${path}: lacks ${lost.join()}`)
    if (target.member !== undefined && shape.type === 'list') {
      if (!isJson && (shape.element.xmlName ?? 'member') !== (target.member.locationName ?? 'member'))
        found.push(`${path}: item name`)
      compareShape(shape.element.shape, target.member.shape, `${path}[]`)
    }
    if (target.value !== undefined && shape.type === 'map')
      compareShape(shape.element.shape, target.value.shape, `${path}{}`)
  }

  const model = models.load(name)
  for (const operationName of model.operationNames) {
    const from = boto.operations[operationName]
    if (from === undefined) continue
    const operation = model.operation(operationName)!
    if (from.input !== undefined) compareShape(operation.input, from.input.shape, `${operationName}(`)
    if (from.output !== undefined) compareShape(operation.output, from.output.shape, `${operationName})`)
  }
  const unknown = Object.keys(boto.operations).filter((operation) => !model.exists(operation))
  return { compared, found: [...found, ...unknown.map((operation) => `no operation ${operation}`)] }
}

describe('the models', () => {
  it.each([
    ['ecs', 'ecs/2014-11-13', 1000],
    ['ec2', 'ec2/2016-11-15', 1500],
    ['iam', 'iam/2010-05-08', 600],
    ['logs', 'logs/2014-03-28', 600],
    ['sts', 'sts/2011-06-15', 80],
    ['cloudwatch', 'cloudwatch/2010-08-01', 300],
    ['efs', 'efs/2015-02-01', 150],
    ['route-53', 'route53/2013-04-01', 400],
  ])('of %s are as botocore has them', (name, path, least) => {
    const boto = botoModel(path)
    const { compared, found } = differences(name, boto)
    expect(found).toEqual([])
    expect(compared).toBeGreaterThan(least)
    expect(models.table[name]!.version).toBe(boto.metadata.apiVersion)
    const { target } = models.table[name]!
    expect(target).toBe(boto.metadata.targetPrefix ?? target)
  })
})
