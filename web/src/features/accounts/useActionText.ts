// What an action of the audit trail is called; one without words of its own keeps its technical name.
import { useI18n } from 'vue-i18n'
import { actionKey } from './activityWords'

export function useActionText() {
  const { t, te } = useI18n()
  return (action: string): string => {
    const key = `activity.action.${actionKey(action)}`
    return te(key) || te(key, 'en') ? t(`activity.action.${actionKey(action)}`) : action
  }
}
