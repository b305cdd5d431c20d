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

export function mountInApp(component: Component, props: Record<string, unknown> = {}, address = '/') {
  const pinia = createPinia()
  setActivePinia(pinia)
  const page = { render: () => null }
  const history = createMemoryHistory()
  history.replace(address)
  const places = { '/documents/:id': 'document', '/library': 'library', '/search': 'search' }
  const routes = Object.entries(places).map(([path, name]) => ({ path, name, component: page }))
  const router = createRouter({ history, routes: [...routes, { path: '/:rest(.*)*', component: page }] })
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: english } })
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const root = defineComponent(() => () => h(TooltipProvider, () => h(component, props)))
  return mount(root, { attachTo: document.body, global: { plugins: [pinia, i18n, router, [VueQueryPlugin, { queryClient }]], stubs } })
}
