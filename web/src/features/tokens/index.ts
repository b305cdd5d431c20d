// Personal API tokens.
export const loadApiTokensPage = () => import('./ApiTokensPage.vue')
