// A notification in words: what happened, what to do, and from where.
import { useI18n } from 'vue-i18n'
import type { Notification } from '@/api/types'
import { useDeviceText } from '@/ui/useDeviceText'
import { knownKind } from './notificationKinds'

export function useNotificationText() {
  const { t } = useI18n()
  const deviceText = useDeviceText()

  function titleOf(kind: string): string {
    return t(`notifications.kind.${knownKind(kind) ?? 'other'}.title`)
  }

  function adviceOf(kind: string): string {
    return t(`notifications.kind.${knownKind(kind) ?? 'other'}.text`)
  }

  /** "Firefox on Windows · 192.0.2.7", as far as it is known. */
  function originOf({ data }: Notification): string {
    const agent = typeof data.user_agent === 'string' && data.user_agent ? deviceText(data.user_agent) : ''
    const address = typeof data.ip === 'string' ? data.ip : ''
    return [agent, address].filter(Boolean).join(' · ')
  }

  return { titleOf, adviceOf, originOf }
}
