// A user's own provider of AI: choosing it, what is never sent to it, and the ledger of what was.
export { default as DocumentAiPanel } from './DocumentAiPanel.vue'
export const loadAiSettingsPage = () => import('./AiSettingsPage.vue')
export const loadLedgerPage = () => import('./LedgerPage.vue')
