// Reading or filing everything once more: how far it is, and steering it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { FilingRun } from '@/api/types'

/** Events tell how a run goes; this is for when the stream is down. */
const whileRunningMs = 5000

export function useFilingRuns() {
  const query = useQuery({
    queryKey: queryKeys.filingRuns,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/me/filing/runs', { signal })),
    refetchInterval: ({ state }) => (state.data?.items.some((run) => run.state === 'running') ? whileRunningMs : false),
  })
  const runs = computed(() => query.data.value?.items ?? [])
  const current = computed(() => runs.value.find((run) => run.state === 'running' || run.state === 'paused'))
  const last = computed(() => runs.value.find((run) => run.state === 'finished' || run.state === 'cancelled'))
  return { ...query, current, last }
}

export function useSteerRun() {
  const queries = useQueryClient()
  const onSettled = () => queries.invalidateQueries({ queryKey: queryKeys.filingRuns })
  const start = useMutation({
    mutationFn: (kind: FilingRun['kind']) => unwrap(api.POST('/api/v1/me/filing/runs', { body: { kind } })),
    onSettled,
  })
  const pause = useMutation({
    mutationFn: ({ id, paused }: { id: string; paused: boolean }) => unwrap(api.PATCH('/api/v1/me/filing/runs/{id}', { params: { path: { id } }, body: { paused } })),
    onSettled,
  })
  const cancel = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/me/filing/runs/{id}', { params: { path: { id } } })),
    onSettled,
  })
  return { start, pause, cancel }
}
