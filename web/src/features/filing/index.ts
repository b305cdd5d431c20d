// How filing and reading are done for all documents of a user.
export { default as LanguagePicks } from './LanguagePicks.vue'
export { useFilingSettings } from './useFiling'
