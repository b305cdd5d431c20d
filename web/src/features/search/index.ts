// Finding documents by their words, and by their likeness.
export { default as SavedSearchLinks } from './SavedSearchLinks.vue'
export { default as SearchBox } from './SearchBox.vue'
export const loadSearchPage = () => import('./SearchPage.vue')
