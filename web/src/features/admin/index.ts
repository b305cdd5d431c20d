// Running the vault: users, invitations, what happened, the store, jobs. Never anybody's documents.
import type { RouteRecordRaw } from 'vue-router'

export const adminRoutes: RouteRecordRaw = {
  path: '/admin',
  component: () => import('./AdminFrame.vue'),
  meta: { admin: true },
  children: [
    { path: '', name: 'admin', component: () => import('./OverviewPage.vue') },
    { path: 'users', name: 'admin-users', component: () => import('./UsersPage.vue') },
    { path: 'invites', name: 'admin-invites', component: () => import('./InvitesPage.vue') },
    { path: 'audit', name: 'admin-audit', component: () => import('./AuditPage.vue') },
    { path: 'storage', name: 'admin-storage', component: () => import('./StoragePage.vue') },
    { path: 'jobs', name: 'admin-jobs', component: () => import('./JobsPage.vue') },
  ],
}
