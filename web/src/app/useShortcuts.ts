// Single-key shortcuts for the whole app. They rest while one types, and can be switched off (WCAG 2.1.4).
import { onBeforeUnmount, onMounted } from 'vue'
import { usePreference } from '@/shared/preference'

const enabled = usePreference('shortcuts', ['on', 'off'] as const, 'on')

export function useShortcutSwitch() {
  return enabled
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

export function useShortcuts(handlers: Record<string, () => void>): void {
  function onKeydown(event: KeyboardEvent): void {
    if (enabled.value === 'off' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (isTyping(event.target) || document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]')) return
    const handler = handlers[event.key]
    if (!handler) return
    event.preventDefault()
    handler()
  }
  onMounted(() => window.addEventListener('keydown', onKeydown))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKeydown))
}
