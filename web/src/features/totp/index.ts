// The second factor.
export { default as TotpSection } from './TotpSection.vue'
