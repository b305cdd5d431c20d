// Whether a notification tells of what was done in this very tab a moment ago. The bell counts it; nobody need be told at once.
import type { QueryClient } from '@tanstack/vue-query'
import { mutationOf } from '@/api/queryKeys'

/** A notification comes within seconds; one that comes later may be of somebody else's doing. */
const momentMs = 10_000

export function isOwnDeed(queries: QueryClient, kind: string, now = Date.now()): boolean {
  return queries
    .getMutationCache()
    .findAll({ mutationKey: mutationOf(kind), exact: true })
    .some(({ state }) => state.status === 'pending' || (state.status === 'success' && now - state.submittedAt < momentMs))
}
