// The user's own topics.
export { default as TopicDot } from './TopicDot.vue'
export { default as TopicLinks } from './TopicLinks.vue'
export { default as TopicPicker } from './TopicPicker.vue'
export { useTopics } from './useTopics'
export const loadTopicsPage = () => import('./TopicsPage.vue')
