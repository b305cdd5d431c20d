// Mounts a component with the real plugins and words; links go nowhere.
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { defineComponent, h, type Component } from 'vue'
import { createI18n } from 'vue-i18n'
import { createMemoryHistory, createRouter } from 'vue-router'
import english from '@/locales/en.json'

/** Icons are bundled by the build; without it each would be fetched from afar. */
const stubs = { UIcon: true, Icon: true }

export function mountInApp(component: Component, props: Record<string, unknown> = {}) {
  const pinia = createPinia()
  setActivePinia(pinia)
  const page = { render: () => null }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: page }, { path: '/documents/:id', name: 'document', component: page }, { path: '/library', name: 'library', component: page }, { path: '/:rest(.*)*', component: page }] })
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: english } })
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const root = defineComponent(() => () => h(TooltipProvider, () => h(component, props)))
  return mount(root, { attachTo: document.body, global: { plugins: [pinia, i18n, router, [VueQueryPlugin, { queryClient }]], stubs } })
}
