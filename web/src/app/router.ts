// Every address of the app, and who may open it.
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { loadActivityPage, loadProfilePage, loadSecurityPage, loadSettingsFrame } from '@/features/accounts'
import { adminRoutes } from '@/features/admin'
import { loadAiSettingsPage, loadLedgerPage } from '@/features/ai'
import {
  holdLinkToken,
  loadChoosePasswordPage,
  loadConfirmEmailPage,
  loadForgotPasswordPage,
  loadLoginPage,
  loadSignUpPage,
  useSessionStore,
} from '@/features/auth'
import { loadDocumentPage, loadLibraryPage, loadTrashPage } from '@/features/documents'
import { loadNotificationPreferencesPage, loadNotificationsPage } from '@/features/notifications'
import { loadReviewPage } from '@/features/review'
import { loadSearchPage } from '@/features/search'
import { fetchNeedsSetup, loadSetupPage } from '@/features/setup'
import { loadApiTokensPage } from '@/features/tokens'
import { loadTopicsPage } from '@/features/topics'
import { queryClient } from './queryClient'
import { safeNext } from './safeNext'

declare module 'vue-router' {
  interface RouteMeta {
    /** Open without signing in, and drawn without the app's frame. */
    public?: boolean
    /** A mailed link leads here, so it is open to those who are signed in, too. */
    always?: boolean
    /** Administrators only; others are told that there is no such page. The server guards what it shows. */
    admin?: boolean
    /** Open although a second factor still has to be set up. */
    beforeEnrolment?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/login', name: 'login', component: loadLoginPage, meta: { public: true } },
    { path: '/sign-up', name: 'sign-up', component: loadSignUpPage, meta: { public: true } },
    { path: '/forgot-password', name: 'forgot-password', component: loadForgotPasswordPage, meta: { public: true } },
    { path: '/reset-password', name: 'reset-password', component: loadChoosePasswordPage, props: { isFirst: false }, meta: { public: true, always: true } },
    { path: '/choose-password', name: 'choose-password', component: loadChoosePasswordPage, props: { isFirst: true }, meta: { public: true, always: true } },
    { path: '/confirm-email', name: 'confirm-email', component: loadConfirmEmailPage, meta: { public: true, always: true } },
    { path: '/setup', name: 'setup', component: loadSetupPage, meta: { public: true } },
    { path: '/', name: 'library', component: loadLibraryPage },
    { path: '/documents/:id', name: 'document', component: loadDocumentPage, props: true },
    { path: '/search', name: 'search', component: loadSearchPage },
    { path: '/review', name: 'review', component: loadReviewPage },
    { path: '/topics', name: 'topics', component: loadTopicsPage },
    { path: '/trash', name: 'trash', component: loadTrashPage },
    { path: '/notifications', name: 'notifications', component: loadNotificationsPage },
    {
      path: '/settings',
      component: loadSettingsFrame,
      redirect: { name: 'settings-profile' },
      children: [
        { path: 'profile', name: 'settings-profile', component: loadProfilePage },
        { path: 'security', name: 'settings-security', component: loadSecurityPage, meta: { beforeEnrolment: true } },
        { path: 'tokens', name: 'settings-tokens', component: loadApiTokensPage },
        { path: 'notifications', name: 'settings-notifications', component: loadNotificationPreferencesPage },
        { path: 'ai', name: 'settings-ai', component: loadAiSettingsPage },
        { path: 'ai/sent', name: 'settings-ai-sent', component: loadLedgerPage },
        { path: 'activity', name: 'settings-activity', component: loadActivityPage },
      ],
    },
    adminRoutes,
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFoundPage.vue') },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

async function guard(to: RouteLocationNormalized) {
  // Before anything else, so that a link's token is in the address no longer than need be.
  if (holdLinkToken(to.hash)) return { path: to.path, query: to.query, hash: '', replace: true }
  const session = useSessionStore()
  if (!session.isSignedIn) await session.resume()
  if (to.meta.always) return true
  if (session.isSignedIn) return guardSignedIn(to)
  const needsSetup = await fetchNeedsSetup(queryClient)
  if (needsSetup) return to.name === 'setup' ? true : { name: 'setup' }
  if (to.meta.public && to.name !== 'setup') return true
  return { name: 'login', query: to.fullPath === '/' || to.name === 'setup' ? {} : { next: to.fullPath } }
}

function guardSignedIn(to: RouteLocationNormalized) {
  const session = useSessionStore()
  if (session.mustEnrol && !to.meta.beforeEnrolment) return { name: 'settings-security' }
  if (to.meta.public) return safeNext(to.query.next)
  if (to.meta.admin && !session.isAdmin) return { name: 'not-found', params: { rest: to.path.slice(1).split('/') } }
  return true
}

router.beforeEach(guard)
