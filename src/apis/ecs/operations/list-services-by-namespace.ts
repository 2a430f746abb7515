// ListServicesByNamespace: the services of a namespace of Cloud Map. There is no Cloud Map, and so no namespace.

import type { ListServicesByNamespaceRequest, ListServicesByNamespaceResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { NamespaceNotFoundException } from '../errors.ts'
import { SERVICES_PER_PAGE } from '../model/limits.ts'
import { paged } from '../paging.ts'

export const listServicesByNamespace: Operation<
  ListServicesByNamespaceRequest,
  ListServicesByNamespaceResponse
> = async (input, call) => {
  paged(call, 'ListServicesByNamespace', { maxResults: SERVICES_PER_PAGE, ...input }, [input.namespace])
  throw NamespaceNotFoundException('The specified namespace was not found.')
}
