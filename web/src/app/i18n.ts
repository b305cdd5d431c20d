// The interface's languages. English is always loaded as the fallback; the others when they are chosen.
import { de as uiGerman, en as uiEnglish } from '@nuxt/ui/locale'
import { computed, watch } from 'vue'
import { createI18n } from 'vue-i18n'
import english from '@/locales/en.json'
import { usePreference } from '@/shared/preference'

export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

const browserLocale = locales.find((locale) => navigator.language.toLowerCase().startsWith(locale)) ?? 'en'
const chosen = usePreference<Locale>('locale', locales, browserLocale)

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as Locale,
  fallbackLocale: 'en' as Locale,
  messages: { en: english } as Record<Locale, typeof english>,
})

async function load(locale: Locale): Promise<void> {
  if (locale === 'de' && !i18n.global.availableLocales.includes('de')) {
    i18n.global.setLocaleMessage('de', (await import('@/locales/de.json')).default)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}

/** Loads the chosen language and follows later changes. */
export async function startI18n(): Promise<void> {
  watch(chosen, (locale) => void load(locale))
  await load(chosen.value)
}

export function useLocale() {
  const uiLocale = computed(() => (chosen.value === 'de' ? uiGerman : uiEnglish))
  return { locale: chosen, locales, uiLocale }
}
