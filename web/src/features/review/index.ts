// What filing proposes, and what the user says to it: the inbox, and one document's reasons.
export { default as AgainMenu } from './AgainMenu.vue'
export { default as ReviewLink } from './ReviewLink.vue'
export { default as SuggestionPanel } from './SuggestionPanel.vue'
export { useReviewWaiting } from './useReview'
export const loadReviewPage = () => import('./ReviewPage.vue')
