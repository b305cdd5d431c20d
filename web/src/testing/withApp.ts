// Runs a composable inside a small app with the real plugins, so tests see what a component would.
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { defineComponent, h } from 'vue'
import { createI18n } from 'vue-i18n'
import english from '@/locales/en.json'

export function withApp<T>(composable: () => T) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: english } })
  let result: T | undefined
  const app = mount(
    defineComponent({
      setup() {
        result = composable()
        return () => h('div')
      },
    }),
    { global: { plugins: [createPinia(), i18n, [VueQueryPlugin, { queryClient: queries }]] } },
  )
  return { result: result as T, queries, unmount: () => app.unmount() }
}
