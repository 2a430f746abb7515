// Draws which folder of src/ imports which, as the Mermaid graph in ARCHITECTURE.md; "--write" puts it there.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const BEGIN = '<!-- import map: made by scripts/import-map.ts -->'
const END = '<!-- end of import map -->'

/** "apis/ecs/model/task.ts" → "apis"; files directly under src/ are the top rank and are left out. */
const folderOf = (path: string): string | undefined => (path.includes('/') ? path.split('/')[0] : undefined)

/** Folder-to-folder edges of the program, without tests, in order. */
export const importMap = (): string => {
  const edges = new Set<string>()
  const source = join(root, 'src')
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.ts') || /\.test\.ts$|^conformance(-[a-z-]+)?\.ts$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const from = folderOf(relative(source, file))
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([#.][^']+)'/g)) {
      const target = specifier.startsWith('#') ? specifier.slice(1) : relative(source, join(dirname(file), specifier))
      const to = folderOf(target)
      if (from !== undefined && to !== undefined && from !== to && to !== 'base') edges.add(`  ${from} --> ${to}`)
    }
  }
  return ['```mermaid', 'graph TD', ...[...edges].toSorted(), '```'].join('\n')
}

/** The graph as it stands in ARCHITECTURE.md. */
export const documentedImportMap = (): string => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  return text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).trim()
}

if (process.argv.includes('--write')) {
  const path = join(root, 'ARCHITECTURE.md')
  const text = readFileSync(path, 'utf8')
  const [before, after] = [text.slice(0, text.indexOf(BEGIN) + BEGIN.length), text.slice(text.indexOf(END))]
  writeFileSync(path, `${before}\n${importMap()}\n${after}`)
}
