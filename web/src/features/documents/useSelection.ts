// Which documents of a list are ticked, and the range rule: Shift extends from the one touched last.
import { computed, ref } from 'vue'

export function useSelection(ids: () => readonly string[]) {
  const chosen = ref(new Set<string>())
  let anchor: string | null = null

  // Documents that left the list (trashed, filtered away) are no longer selected.
  const selected = computed(() => ids().filter((id) => chosen.value.has(id)))

  function toggle(id: string): void {
    const next = new Set(chosen.value)
    if (!next.delete(id)) next.add(id)
    chosen.value = next
    anchor = id
  }

  function extendTo(id: string): void {
    const all = ids()
    const from = anchor === null ? -1 : all.indexOf(anchor)
    const to = all.indexOf(id)
    if (from < 0 || to < 0) return toggle(id)
    const [start, end] = from < to ? [from, to] : [to, from]
    chosen.value = new Set([...chosen.value, ...all.slice(start, end + 1)])
  }

  function clear(): void {
    chosen.value = new Set()
    anchor = null
  }

  function selectAll(): void {
    chosen.value = new Set(ids())
  }

  return { selected, isSelected: (id: string) => chosen.value.has(id), toggle, extendTo, clear, selectAll }
}

export type Selection = ReturnType<typeof useSelection>
