// Whether this vault still waits for its first account.
import type { QueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'

/** False also when the server cannot be asked: the sign-in page then shows what is wrong. */
export async function fetchNeedsSetup(queries: QueryClient): Promise<boolean> {
  try {
    const answer = await queries.fetchQuery({
      queryKey: queryKeys.setup,
      queryFn: () => unwrap(api.GET('/api/v1/setup')),
      staleTime: 0,
    })
    return answer.needs_setup
  } catch {
    return false
  }
}
