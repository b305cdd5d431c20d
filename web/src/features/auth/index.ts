// Signing up, in and out, the session that everything else runs under, and its safety.
export { default as ChangePasswordSection } from './ChangePasswordSection.vue'
export { holdLinkToken } from './linkToken'
export { useReauthentication } from './reauthentication.store'
export { default as ReauthenticationDialog } from './ReauthenticationDialog.vue'
export { joinOtherTabs, tellOtherTabs } from './renewSession'
export { default as SessionsSection } from './SessionsSection.vue'
export { useSessionStore } from './session.store'
export { useAuthOptions } from './useAuthOptions'
export { useLogout } from './useLogout'
export { useRetryWait } from './useRetryWait'
export { useSignIn } from './useSignIn'
export const loadLoginPage = () => import('./LoginPage.vue')
export const loadSignUpPage = () => import('./SignUpPage.vue')
export const loadForgotPasswordPage = () => import('./ForgotPasswordPage.vue')
export const loadChoosePasswordPage = () => import('./ChoosePasswordPage.vue')
export const loadConfirmEmailPage = () => import('./ConfirmEmailPage.vue')
