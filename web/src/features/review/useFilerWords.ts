// Who filed a document, and whose word a topic is.
import { useI18n } from 'vue-i18n'
import type { Suggestion } from '@/api/types'
import { providerName } from '@/shared/providerName'

export function useFilerWords() {
  const { t } = useI18n()
  const filer = (provider: string) => providerName(provider) ?? t('why.yourProvider')
  const filedBy = (provider: string) => (provider === 'device' ? t('why.byDevice') : t('why.byProvider', { provider: filer(provider) }))

  function sourceText({ source, provider }: Suggestion): string {
    if (source === 'user') return t('why.fromUser')
    return source === 'ai' ? t('why.fromProvider', { provider: filer(provider ?? '') }) : t('why.fromDevice')
  }

  return { filedBy, sourceText }
}
