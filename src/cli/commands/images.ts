// neargate images: brings images in without a registry, and shows what is here.

import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'

interface Image {
  readonly references: readonly string[]
  readonly digest: string
  readonly sizeBytes: number
  readonly createdAt: string
}

const MIB = 1024 * 1024

const lineOf = (image: Image): string =>
  `${(image.references.join(', ') || '(no name)').padEnd(48)} ${image.digest.slice(7, 19)}  ${(image.sizeBytes / MIB).toFixed(1).padStart(8)} MiB`

/** Tells how far it is, at most once per 64 MiB, so that a long upload does not look dead. */
const watched = async function* (
  source: AsyncIterable<Uint8Array>,
  total: number | undefined,
  say: (text: string) => void,
): AsyncIterable<Uint8Array> {
  let sent = 0
  let next = 64 * MIB
  for await (const chunk of source) {
    sent += chunk.length
    if (sent >= next) {
      next += 64 * MIB
      say(`${Math.round(sent / MIB)} MiB${total === undefined ? '' : ` of ${Math.round(total / MIB)}`} read …`)
    }
    yield chunk
  }
}

export const imagesImport: Command = {
  name: 'images import',
  words: 1,
  usage: 'images import FILE|- [--data DIR]',
  summary: 'Take an OCI layout or `docker save` tar from a file or standard input.',
  options: {},
  run: async ({ config, args, output }) => {
    const [file] = args
    if (file === undefined) {
      throw new CliError('say which file: neargate images import FILE (or - for standard input)', 2)
    }
    if (file !== '-' && !existsSync(file)) throw new CliError(`there is no file ${file}`)
    if (file !== '-' && (await stat(file)).isDirectory()) {
      throw new CliError(`${file} is a directory. Of an OCI layout: tar -C ${file} -c . | neargate images import -`)
    }
    const source = file === '-' ? process.stdin : createReadStream(file)
    const total = file === '-' ? undefined : (await stat(file)).size
    const answer = (await clientFor(config).own(
      'PUT',
      '/_neargate/images',
      watched(source, total, (text) => output.progress(text)),
    )) as {
      images: Image[]
    }
    output.result(answer.images.map((image) => `imported ${lineOf(image)}`).join('\n'), answer)
    return 0
  },
}

export const imagesList: Command = {
  name: 'images ls',
  usage: 'images ls [--data DIR]',
  summary: 'List the images that are here.',
  options: {},
  run: async ({ config, output }) => {
    const answer = (await clientFor(config).own('GET', '/_neargate/images')) as { images: Image[] }
    const none = 'No images. Bring one in with: neargate images import FILE'
    output.result(answer.images.length === 0 ? none : answer.images.map(lineOf).join('\n'), answer)
    return 0
  },
}

export const imagesRemove: Command = {
  name: 'images rm',
  words: 1,
  usage: 'images rm REFERENCE [--data DIR]',
  summary: 'Forget an image; its layers go when no container uses them.',
  options: {},
  run: async ({ config, args, output }) => {
    const reference = args[0]
    if (reference === undefined) throw new CliError('say which image: neargate images rm REFERENCE', 2)
    const answer = await clientFor(config).own('DELETE', `/_neargate/images?reference=${encodeURIComponent(reference)}`)
    output.result(`forgot ${reference}`, answer)
    return 0
  },
}
