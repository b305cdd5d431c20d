// How much of the vault is used.
export { default as QuotaMeter } from './QuotaMeter.vue'
export { useQuota } from './useQuota'
