// The first account of a new vault.
export { fetchNeedsSetup } from './fetchNeedsSetup'
export const loadSetupPage = () => import('./SetupPage.vue')
