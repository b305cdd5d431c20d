// One's own account: profile, security, activity.
export { actionKey, isAlarming } from './activityWords'
export { useActionText } from './useActionText'
export { useProfile } from './useProfile'
export const loadSettingsFrame = () => import('./SettingsFrame.vue')
export const loadProfilePage = () => import('./ProfilePage.vue')
export const loadSecurityPage = () => import('./SecurityPage.vue')
export const loadActivityPage = () => import('./ActivityPage.vue')
