// Single-key shortcuts for the whole app. They rest while one types, and can be switched off (WCAG 2.1.4).
import { onBeforeUnmount } from 'vue'
import { usePreference } from './preference'

type Handlers = Record<string, () => void>

const enabled = usePreference('shortcuts', ['on', 'off'] as const, 'on')
/** The last one is what was opened last: a page's keys go before those of the frame around it. */
const layers: Handlers[] = []

export function useShortcutSwitch() {
  return enabled
}

function isTyping(target: EventTarget | null): boolean {
  // Nobody types into a box that is ticked.
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** Enter means the button or link that has the focus, if any. */
function isMeantForTarget({ key, target }: KeyboardEvent): boolean {
  return key === 'Enter' && target instanceof Element && target.closest('a[href],button,[role="button"]') !== null
}

function onKeydown(event: KeyboardEvent): void {
  if (enabled.value === 'off' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (isTyping(event.target) || isMeantForTarget(event) || document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]')) return
  const handler = layers.findLast((handlers) => Object.hasOwn(handlers, event.key))?.[event.key]
  if (!handler) return
  event.preventDefault()
  handler()
}

export function useShortcuts(handlers: Handlers): void {
  // In setup, which runs from the outside to the inside; components are mounted the other way round.
  if (layers.length === 0) window.addEventListener('keydown', onKeydown)
  layers.push(handlers)
  onBeforeUnmount(() => {
    const place = layers.indexOf(handlers)
    if (place >= 0) layers.splice(place, 1)
    if (layers.length === 0) window.removeEventListener('keydown', onKeydown)
  })
}
