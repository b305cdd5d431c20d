// Signing in and out, and the session that everything else runs under.
export { joinOtherTabs, tellOtherTabs } from './renewSession'
export { useSessionStore } from './session.store'
export { useLogout } from './useLogout'
export const loadLoginPage = () => import('./LoginPage.vue')
