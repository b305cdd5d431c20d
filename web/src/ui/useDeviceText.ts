// A device in the reader's language: "Firefox on Windows".
import { useI18n } from 'vue-i18n'
import { deviceOf } from '@/shared/deviceName'

export function useDeviceText() {
  const { t } = useI18n()
  return (userAgent: string | null | undefined): string => {
    const { browser, system } = deviceOf(userAgent)
    if (browser && system) return t('device.on', { browser, system })
    return browser || system || t('device.unknown')
  }
}
