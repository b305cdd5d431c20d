// Keeps the browser tab's title in step with the page.
import { onScopeDispose, watchEffect } from 'vue'

export function usePageTitle(title: () => string): void {
  watchEffect(() => {
    const words = title()
    document.title = words ? `${words} · DocuVault` : 'DocuVault'
  })
  onScopeDispose(() => (document.title = 'DocuVault'))
}
