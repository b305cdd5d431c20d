// How filing and reading are done for all documents of a user.
export { default as FilingSections } from './FilingSections.vue'
export { default as LanguagePicks } from './LanguagePicks.vue'
export { useFilingSettings } from './useFiling'
