// News for the user: the bell, the list, and of what one wants to hear.
export { default as NotificationBell } from './NotificationBell.vue'
export { useNotificationArrival } from './useNotificationArrival'
export const loadNotificationsPage = () => import('./NotificationsPage.vue')
export const loadNotificationPreferencesPage = () => import('./NotificationPreferencesPage.vue')
