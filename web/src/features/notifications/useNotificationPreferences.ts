// Of what one wants to hear, in the app and by mail.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import type { NotificationPreference } from '@/api/types'

export function useNotificationPreferences() {
  return useQuery({ queryKey: queryKeys.notificationPreferences, queryFn: () => unwrap(api.GET('/api/v1/me/notification-preferences')) })
}

export function useChangeNotificationPreferences() {
  const queries = useQueryClient()
  const key = queryKeys.notificationPreferences
  return useMutation({
    mutationFn: (items: NotificationPreference[]) =>
      unwrap(api.PUT('/api/v1/me/notification-preferences', { body: { items: items.map(({ kind, in_app, mail }) => ({ kind, in_app, mail })) } })),
    onMutate: (items) => queries.setQueryData(key, { items }),
    onSuccess: (answer) => queries.setQueryData(key, answer),
    onError: () => queries.invalidateQueries({ queryKey: key }),
    // One switch after the other: a later answer must not be overtaken by an earlier one.
    scope: { id: 'notification-preferences' },
  })
}
