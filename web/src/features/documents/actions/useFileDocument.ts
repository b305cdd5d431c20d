// Filing a document under topics, and taking it out again with a way back.
import { useToast } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import type { Document } from '@/api/types'
import { useChangeDocument } from './useChangeDocument'

type Filed = Pick<Document, 'id' | 'topics'>

export function useFileDocument() {
  const change = useChangeDocument()
  const toast = useToast()
  const { t } = useI18n()

  function setTopics(document: Filed, topicIds: string[]): void {
    change.mutate({ id: document.id, changes: { topic_ids: topicIds } })
  }

  function addTopic(document: Filed, topicId: string): void {
    const present = document.topics.map((topic) => topic.id)
    if (!present.includes(topicId)) setTopics(document, [...present, topicId])
  }

  function removeTopic(document: Filed, topicId: string): void {
    const before = document.topics.map((topic) => topic.id)
    const name = document.topics.find((topic) => topic.id === topicId)?.name ?? ''
    change.mutate(
      { id: document.id, changes: { topic_ids: before.filter((id) => id !== topicId) } },
      {
        onSuccess: () =>
          toast.add({
            title: t('document.topicRemoved', { name }),
            icon: 'i-lucide-tag',
            actions: [{ label: t('action.undo'), color: 'primary', variant: 'outline', onClick: () => setTopics(document, before) }],
          }),
      },
    )
  }

  return { addTopic, removeTopic, isPending: change.isPending }
}
