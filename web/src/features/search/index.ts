// Finding documents by their words.
export { default as SearchBox } from './SearchBox.vue'
export const loadSearchPage = () => import('./SearchPage.vue')
