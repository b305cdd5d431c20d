// The words a document is summed up with in lists: its date, age and size in the reader's language.
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Document } from '@/api/types'
import { formatBytes } from '@/shared/formatBytes'
import { formatAge, formatDay } from '@/shared/formatDate'
import { typeLabelKey } from './documentTypes'

export function useDocumentSummary(document: () => Document) {
  const { t, locale } = useI18n()
  const date = computed(() => {
    const { document_date: day, created_at: added } = document()
    return day ? formatDay(day, locale.value) : formatAge(added, locale.value)
  })
  const size = computed(() => formatBytes(document().size_bytes, locale.value))
  const type = computed(() => t(typeLabelKey(document().content_type)))
  return { date, size, type }
}
