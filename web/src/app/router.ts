// Every address of the app, and who may open it.
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { loadLoginPage, useSessionStore } from '@/features/auth'
import { loadDocumentPage, loadLibraryPage, loadTrashPage } from '@/features/documents'
import { loadSearchPage } from '@/features/search'
import { fetchNeedsSetup, loadSetupPage } from '@/features/setup'
import { loadTopicsPage } from '@/features/topics'
import { queryClient } from './queryClient'
import { safeNext } from './safeNext'

declare module 'vue-router' {
  interface RouteMeta {
    /** Open without signing in, and drawn without the app's frame. */
    public?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/login', name: 'login', component: loadLoginPage, meta: { public: true } },
    { path: '/setup', name: 'setup', component: loadSetupPage, meta: { public: true } },
    { path: '/', name: 'library', component: loadLibraryPage },
    { path: '/documents/:id', name: 'document', component: loadDocumentPage, props: true },
    { path: '/search', name: 'search', component: loadSearchPage },
    { path: '/topics', name: 'topics', component: loadTopicsPage },
    { path: '/trash', name: 'trash', component: loadTrashPage },
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./NotFoundPage.vue') },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

async function guard(to: RouteLocationNormalized) {
  const session = useSessionStore()
  if (!session.isSignedIn) await session.resume()
  if (session.isSignedIn) return to.meta.public ? safeNext(to.query.next) : true
  const needsSetup = await fetchNeedsSetup(queryClient)
  if (needsSetup) return to.name === 'setup' ? true : { name: 'setup' }
  if (to.name === 'login') return true
  return { name: 'login', query: to.fullPath === '/' || to.name === 'setup' ? {} : { next: to.fullPath } }
}

router.beforeEach(guard)
