// Light, dark or the system's choice. public/theme.js applies the same rule before the first paint.
import { usePreference } from '@/shared/preference'
import { watchEffect } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const theme = usePreference<Theme>('theme', themes, 'system')

function apply(prefersDark: boolean): void {
  const dark = theme.value === 'dark' || (theme.value === 'system' && prefersDark)
  document.documentElement.classList.toggle('dark', dark)
  document.documentElement.classList.toggle('light', !dark)
}

/** Keeps the page in the chosen theme; call once. */
export function followTheme(): void {
  const query = matchMedia('(prefers-color-scheme: dark)')
  watchEffect(() => apply(query.matches))
  query.addEventListener('change', () => apply(query.matches))
}

export function useTheme() {
  return { theme, themes }
}
