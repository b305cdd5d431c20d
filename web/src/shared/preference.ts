// Small choices of this browser (theme, language, list or grid). Never anything secret: storage is readable by scripts.
import { ref, watch, type Ref } from 'vue'

const prefix = 'docuvault.'

function read(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name)
  } catch {
    return null
  }
}

/** One ref a name, so that a choice made in one place is seen in every other. */
const known = new Map<string, Ref<string>>()

/** A ref that is remembered; values outside `allowed` fall back to `initial`. */
export function usePreference<T extends string>(name: string, allowed: readonly T[], initial: T): Ref<T> {
  const shared = known.get(name) as Ref<T> | undefined
  if (shared) return shared
  const stored = read(name)
  const value = ref(allowed.find((choice) => choice === stored) ?? initial) as Ref<T>
  watch(
    value,
    (choice) => {
      try {
        localStorage.setItem(prefix + name, choice)
      } catch {
        // Storage may be off or full; the choice then lasts for this visit.
      }
    },
    { flush: 'sync' },
  )
  known.set(name, value as Ref<string>)
  return value
}
