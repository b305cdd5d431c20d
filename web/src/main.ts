// Starts the app: plugins, the session's token source, the first page.
import ui from '@nuxt/ui/vue-plugin'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import '@/ui/main.css'
import { useGate, useTokenSource } from '@/api/client'
import App from '@/app/App.vue'
import { i18n, startI18n } from '@/app/i18n'
import { queryClient } from '@/app/queryClient'
import { router } from '@/app/router'
import { followTheme } from '@/app/useTheme'
import { joinOtherTabs, useReauthentication, useSessionStore } from '@/features/auth'

followTheme()
await startI18n()

const app = createApp(App).use(createPinia()).use(i18n).use(VueQueryPlugin, { queryClient }).use(router).use(ui)

const session = useSessionStore()
useTokenSource({ current: () => session.accessToken, renew: (stale) => session.renew(stale) })
useGate({ confirmPassword: () => useReauthentication().ask(), wantsSecondFactor: () => (session.mustEnrol = session.isSignedIn) })
joinOtherTabs(session.accept, session.forget)

app.mount('#app')
