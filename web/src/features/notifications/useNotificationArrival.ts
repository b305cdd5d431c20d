// What happens when a notification arrives while one works: the bell counts it, and what concerns one's safety is shown at once.
import { useToast } from '@nuxt/ui/composables'
import { useQueryClient } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, unwrap } from '@/api/client'
import { queryKeys } from '@/api/queryKeys'
import { isOwnDeed } from './isOwnDeed'
import { lookOf, placeOf } from './notificationKinds'
import { useNotificationText } from './useNotificationText'

export function useNotificationArrival(): (id: string | null) => Promise<void> {
  const { t } = useI18n()
  const queries = useQueryClient()
  const router = useRouter()
  const toast = useToast()
  const { titleOf, adviceOf } = useNotificationText()

  return async (id) => {
    void queries.invalidateQueries({ queryKey: queryKeys.notificationList })
    if (!id) return
    // Straight from the server: the list in the cache may be older than the event.
    const newest = await unwrap(api.GET('/api/v1/notifications', { params: { query: { limit: 10 } } })).catch(() => null)
    const arrived = newest?.items.find((entry) => entry.id === id)
    if (!arrived || arrived.read_at) return
    const { weight, icon, color } = lookOf(arrived.kind)
    if (weight === 'calm' || isOwnDeed(queries, arrived.kind)) return
    toast.add({
      id: arrived.id,
      title: titleOf(arrived.kind),
      description: adviceOf(arrived.kind),
      icon,
      color,
      // A grave one stays until it is dismissed, and is read out over everything else.
      duration: weight === 'grave' ? 0 : 12_000,
      type: weight === 'grave' ? 'foreground' : 'background',
      actions: [{ label: t('notifications.look'), color: 'neutral', variant: 'outline', onClick: () => void router.push(placeOf(arrived.kind, arrived.data)) }],
    })
  }
}
