// The inbox as one works through it: which document is current, what is picked for it, what was decided, and the way back.
import { useToast } from '@nuxt/ui/composables'
import { computed, reactive, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { isProblem } from '@/api/problem'
import type { ReviewItem } from '@/api/types'
import { likelyTopics, proposals } from './proposals'
import { useDecide } from './useDecide'
import { useReviewList } from './useReview'

/** As much as one may want back. */
const mostUndone = 50

export function useInbox() {
  const list = useReviewList()
  const { decide, takeBack } = useDecide()
  const toast = useToast()
  const { t } = useI18n()

  /** Decided here; the server may still list them. */
  const decided = reactive(new Set<string>())
  /** Taken back here; the server lists them again only once they are filed anew. */
  const returned = reactive(new Map<string, ReviewItem>())
  const picks = reactive(new Map<string, string[]>())
  const done: ReviewItem[] = []

  const items = computed(() => {
    const listed = list.items.value.filter(({ document }) => !decided.has(document.id))
    const missing = [...returned.values()].filter(({ document }) => !listed.some((item) => item.document.id === document.id))
    // Newest first, as the server has them: ids are in the order of arrival.
    return missing.length > 0 ? [...listed, ...missing].sort((a, b) => (a.document.id < b.document.id ? 1 : -1)) : listed
  })

  const place = ref(0)
  const current = computed(() => items.value[Math.min(place.value, items.value.length - 1)])
  watch(
    () => items.value.length,
    (length) => {
      place.value = Math.max(0, Math.min(place.value, length - 1))
      if (length < 8 && list.hasNextPage.value && !list.isFetchingNextPage.value) void list.fetchNextPage()
    },
  )

  const move = (step: number) => (place.value = Math.max(0, Math.min(place.value + step, items.value.length - 1)))
  const select = (id: string) => (place.value = Math.max(0, items.value.findIndex((item) => item.document.id === id)))

  /** What accepting puts on the document: the likely proposals, until one picks otherwise. */
  const picked = (item: ReviewItem) => picks.get(item.document.id) ?? likelyTopics(item.suggestions)
  function toggle(item: ReviewItem, topicId: string): void {
    const before = picked(item)
    picks.set(item.document.id, before.includes(topicId) ? before.filter((id) => id !== topicId) : [...before, topicId])
  }

  function undo(item = done.at(-1)): void {
    const index = item ? done.indexOf(item) : -1
    if (!item || index < 0) return
    done.splice(index, 1)
    decided.delete(item.document.id)
    returned.set(item.document.id, item)
    select(item.document.id)
    takeBack.mutate(item.document.id)
  }

  function settle(item: ReviewItem, accept: string[], reject: string[], title: string): void {
    const { id } = item.document
    returned.delete(id)
    decided.add(id)
    done.push(item)
    if (done.length > mostUndone) done.shift()
    decide.mutateAsync({ id, accept, reject }).then(
      () =>
        toast.add({
          title,
          description: item.document.title,
          icon: 'i-lucide-check',
          actions: [{ label: t('action.undo'), color: 'primary', variant: 'outline', onClick: () => undo(item) }],
        }),
      (error: unknown) => {
        const index = done.indexOf(item)
        if (index >= 0) done.splice(index, 1)
        // What is gone needs no decision; everything else comes back as it was.
        if (!isProblem(error, 'not_found')) decided.delete(id)
      },
    )
  }

  function accept(item: ReviewItem, namesOf: (ids: string[]) => string): void {
    const topics = picked(item)
    settle(item, topics, [], topics.length > 0 ? t('review.accepted', { topics: namesOf(topics) }) : t('review.leftAsIs'))
  }

  function reject(item: ReviewItem): void {
    settle(item, [], proposals(item.suggestions).map(({ topic }) => topic.id), t('review.rejected'))
  }

  return { list, items, place, current, move, select, picked, toggle, accept, reject, undo }
}
