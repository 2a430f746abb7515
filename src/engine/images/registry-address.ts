// Where a registry is and whether it speaks plain HTTP.

import { Fault } from '#base/fault.ts'

/** Docker's own registry answers under another name than its images have. */
const DOCKER_HUB = 'https://registry-1.docker.io'

const LOOPBACK = /^(?:localhost|(?:.+\.)?localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/

/** Plain HTTP on loopback and where the operator says so; HTTPS everywhere else. */
export const registryBase = (registry: string, insecure: readonly string[]): URL => {
  if (registry === 'docker.io') return new URL(DOCKER_HUB)
  const host = URL.parse(`http://${registry}`)
  if (host === null) throw new Fault('invalid', `"${registry}" is not a registry's address`)
  const plain = LOOPBACK.test(host.hostname) || insecure.includes(registry)
  return plain ? host : new URL(`https://${registry}`)
}
