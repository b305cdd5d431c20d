// Turns the server's events into fresh data on the page: a changed document is read once and put wherever it is shown.
import { useQueryClient } from '@tanstack/vue-query'
import { onScopeDispose } from 'vue'
import { ApiProblem, api, unwrapWithEtag } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import { tellOtherTabs, useSessionStore } from '@/features/auth'
import { readProgress, useCachedDocuments } from '@/features/documents'
import { useNotificationArrival } from '@/features/notifications'
import type { ServerEvent } from './eventParser'
import { keysOfDocument } from './keysOfDocument'
import { openEventStream } from './openEventStream'

const refreshDelayMs = 700

function membersOf(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function idIn(data: string, name: string): string | null {
  const value = membersOf(data)[name]
  return typeof value === 'string' ? value : null
}

export function useEventStream(): void {
  const queries = useQueryClient()
  const cached = useCachedDocuments()
  const session = useSessionStore()
  const announce = useNotificationArrival()
  const controller = new AbortController()
  let refresh: ReturnType<typeof setTimeout> | undefined

  // A batch of uploads makes many events; lists are read again at most so often while it lasts.
  function refreshSoon(): void {
    refresh ??= setTimeout(() => {
      refresh = undefined
      void cached.refreshLists()
    }, refreshDelayMs)
  }

  async function onDocument(id: string): Promise<void> {
    try {
      const { data, etag } = await unwrapWithEtag(api.GET('/api/v1/documents/{id}', { params: { path: { id } } }))
      const isListed = cached.update(data, etag)
      if (!isListed || data.trashed_at || data.status === 'ready') refreshSoon()
      if (data.status !== 'processing') queries.setQueryData(queryKeys.documentProgress(id), null)
      if (data.status === 'ready') for (const queryKey of keysOfDocument(data)) void queries.invalidateQueries({ queryKey })
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) cached.remove([id])
    }
  }

  /** Somebody has ended this session: this browser is out at once, in every tab. */
  function onSessionEnded(): void {
    controller.abort()
    if (!session.isLeaving) tellOtherTabs({ kind: 'ended', why: 'ended' })
    session.forget('ended')
  }

  function onEvent({ name, data }: ServerEvent): void {
    const documentId = idIn(data, 'document_id')
    if (name === 'document.updated' && documentId) void onDocument(documentId)
    else if (name === 'document.progress' && documentId) {
      queries.setQueryData(queryKeys.documentProgress(documentId), readProgress(membersOf(data)))
      // What is read so far can be seen already.
      void queries.invalidateQueries({ queryKey: queryKeys.documentText(documentId) })
    } else if (name === 'quota.updated') void queries.invalidateQueries({ queryKey: queryKeys.quota })
    else if (name === 'topic.updated') void queries.invalidateQueries({ queryKey: queryKeys.topics })
    else if (name === 'filing_run.updated') void queries.invalidateQueries({ queryKey: queryKeys.filingRuns })
    else if (name === 'notification.created') void announce(idIn(data, 'notification_id'))
    else if (name === 'session.updated') void queries.invalidateQueries({ queryKey: queryKeys.sessions })
    else if (name === 'session.ended') onSessionEnded()
    else if (name === 'resync') void queries.invalidateQueries()
  }

  void openEventStream({ onOpen: (isAgain) => isAgain && void queries.invalidateQueries(), onEvent }, controller.signal)
  onScopeDispose(() => {
    controller.abort()
    clearTimeout(refresh)
  })
}
