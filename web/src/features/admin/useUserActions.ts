// The menu of a user's row: what can be done, and which of it is asked about first.
import type { DropdownMenuItem } from '@nuxt/ui'
import { useI18n } from 'vue-i18n'
import type { AdminUser } from '@/api/types'

export type UserAction = 'edit' | 'resetLink' | 'endSessions' | 'resetTotp' | 'disable' | 'enable' | 'erase'

export function useUserActions(choose: (action: UserAction, user: AdminUser) => void) {
  const { t } = useI18n()

  return (user: AdminUser, isOneself: boolean): DropdownMenuItem[][] => {
    const item = (action: UserAction, icon: string, more: Partial<DropdownMenuItem> = {}): DropdownMenuItem => ({
      label: t(`adminUsers.action.${action}`),
      icon,
      onSelect: () => choose(action, user),
      ...more,
    })
    return [
      [item('edit', 'i-lucide-sliders-horizontal'), item('resetLink', 'i-lucide-link')],
      [
        item('endSessions', 'i-lucide-log-out', { disabled: user.sessions === 0 }),
        item('resetTotp', 'i-lucide-shield-off', { disabled: !user.totp_enabled }),
        user.disabled ? item('enable', 'i-lucide-circle-play') : item('disable', 'i-lucide-circle-pause', { disabled: isOneself }),
      ],
      [item('erase', 'i-lucide-trash-2', { color: 'error', disabled: user.erasing || isOneself })],
    ]
  }
}
