// All tables at one moment, immutable: readers keep one, writers make the next.

import { type Cell, checkedKey } from './rows.ts'
import {
  countIn,
  emptyMap,
  entriesIn,
  mapOfSorted,
  rangeOf,
  type SortedMap,
  valueAt,
  withEntry,
  withoutEntry,
} from './sorted-map.ts'
import type { ListOptions, Reader, Table } from './store.ts'

type Rows = SortedMap<Cell>
/** From an index value to the rows found under it. */
type Index = SortedMap<Rows>

interface TableState {
  readonly rows: Rows
  /** Built when first asked for, kept up to date from then on. Filling it in changes no answer. */
  readonly indexes: Map<string, Index>
}

export type Snapshot = ReadonlyMap<string, TableState>

export const snapshotOf = (tables: ReadonlyMap<string, readonly (readonly [string, Cell])[]>): Snapshot =>
  new Map(
    [...tables].map(([name, entries]) => {
      const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      const rows = mapOfSorted(
        sorted.map(([key]) => key),
        sorted.map(([, cell]) => cell),
      )
      return [name, { rows, indexes: new Map() }]
    }),
  )

const NO_ROWS: TableState = { rows: emptyMap(), indexes: new Map() }
const stateOf = (snapshot: Snapshot, name: string): TableState => snapshot.get(name) ?? NO_ROWS

const entered = (index: Index, values: readonly string[], key: string, cell: Cell): Index => {
  let result = index
  for (const value of values) {
    result = withEntry(result, value, withEntry(valueAt(result, value) ?? emptyMap<Cell>(), key, cell))
  }
  return result
}

const left = (index: Index, values: readonly string[], key: string): Index => {
  let result = index
  for (const value of values) {
    const rest = withoutEntry(valueAt(result, value) ?? emptyMap<Cell>(), key)
    result = rest.size === 0 ? withoutEntry(result, value) : withEntry(result, value, rest)
  }
  return result
}

const valuesOf = <Row>(table: Table<Row>, index: string): ((row: Row) => readonly string[]) => {
  const values = table.indexes[index]
  if (values === undefined) throw new Error(`table ${table.name} has no index ${index}`)
  return values
}

const builtIndex = <Row>(table: Table<Row>, state: TableState, name: string): Index => {
  const known = state.indexes.get(name)
  if (known !== undefined) return known
  const values = valuesOf(table, name)
  const groups = new Map<string, [string, Cell][]>()
  for (const [key, cell] of entriesIn(state.rows, rangeOf())) {
    for (const value of new Set(values(cell.row as Row))) {
      const group = groups.get(value)
      if (group === undefined) groups.set(value, [[key, cell]])
      else group.push([key, cell])
    }
  }
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const index = mapOfSorted(
    sorted.map(([value]) => value),
    sorted.map(([, group]) =>
      mapOfSorted(
        group.map(([key]) => key),
        group.map(([, cell]) => cell),
      ),
    ),
  )
  state.indexes.set(name, index)
  return index
}

const rowsFor = <Row>(snapshot: Snapshot, table: Table<Row>, options: ListOptions): Rows => {
  const state = stateOf(snapshot, table.name)
  if (options.index === undefined) {
    if (options.value !== undefined) throw new Error(`table ${table.name}: a value needs an index`)
    return state.rows
  }
  if (options.value === undefined) throw new Error(`index ${options.index} of ${table.name} needs a value`)
  if (state === NO_ROWS) {
    valuesOf(table, options.index)
    return NO_ROWS.rows
  }
  return valueAt(builtIndex(table, state, options.index), options.value) ?? emptyMap<Cell>()
}

export const cellAt = (snapshot: Snapshot, name: string, key: string): Cell | undefined =>
  valueAt(stateOf(snapshot, name).rows, key)

/** Answers from whatever snapshot `current` gives: fixed for a reader, moving for a writer. */
export const readerOf = (current: () => Snapshot): Reader => ({
  get: async <Row>(table: Table<Row>, key: string) => cellAt(current(), table.name, key)?.row as Row | undefined,
  list: async <Row>(table: Table<Row>, options: ListOptions = {}) =>
    entriesIn(rowsFor(current(), table, options), rangeOf(options.prefix, options.after), options.limit).map(
      ([, cell]) => cell.row as Row,
    ),
  count: async (table, options = {}) => countIn(rowsFor(current(), table, options), rangeOf(options.prefix)),
})

/** The snapshot with the row put in, or taken out where `cell` is undefined. */
export const changed = <Row>(snapshot: Snapshot, table: Table<Row>, key: string, cell: Cell | undefined): Snapshot => {
  checkedKey(key, table.name)
  const state = stateOf(snapshot, table.name)
  const before = valueAt(state.rows, key)
  if (before === undefined && cell === undefined) return snapshot
  const indexes = new Map<string, Index>()
  for (const [name, index] of state.indexes) {
    const values = valuesOf(table, name)
    const without = before === undefined ? index : left(index, [...new Set(values(before.row as Row))], key)
    indexes.set(name, cell === undefined ? without : entered(without, [...new Set(values(cell.row as Row))], key, cell))
  }
  const rows = cell === undefined ? withoutEntry(state.rows, key) : withEntry(state.rows, key, cell)
  return new Map(snapshot).set(table.name, { rows, indexes })
}
