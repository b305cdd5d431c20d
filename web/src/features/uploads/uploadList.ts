// All uploads of this tab, kept in groups as the tray shows them, with counts and sums that stay cheap with thousands of files.
import { computed, reactive, shallowReactive } from 'vue'
import { groupOf, type UploadGroup, type UploadItem, type UploadState } from './uploadItem'

/** What needs the reader comes first, then what moves, then what waits, then what is done. */
const order: readonly UploadGroup[] = ['troubled', 'moving', 'paused', 'interrupted', 'waiting', 'done']
const counted: readonly UploadGroup[] = ['moving', 'paused', 'waiting', 'done']

export type UploadList = ReturnType<typeof useUploadList>

export function useUploadList() {
  const groups = Object.fromEntries(order.map((name) => [name, shallowReactive(new Set<UploadItem>())])) as Record<UploadGroup, Set<UploadItem>>
  const byKey = new Map<string, UploadItem>()
  const placeOf = new Map<string, UploadGroup>()
  const bytes = reactive({ total: 0, done: 0 })

  function leave(item: UploadItem): void {
    const place = placeOf.get(item.key)
    if (!place) return
    groups[place].delete(item)
    placeOf.delete(item.key)
    if (counted.includes(place)) bytes.total -= item.sizeBytes
    if (place === 'done') bytes.done -= item.sizeBytes
  }

  /** Gives an item its state and its place in the tray; a new one joins the list. */
  function put(item: UploadItem, state: UploadState): void {
    leave(item)
    item.state = state
    const place = groupOf(state)
    byKey.set(item.key, item)
    placeOf.set(item.key, place)
    groups[place].add(item)
    if (counted.includes(place)) bytes.total += item.sizeBytes
    if (place === 'done') bytes.done += item.sizeBytes
  }

  function remove(item: UploadItem): void {
    leave(item)
    byKey.delete(item.key)
  }

  function clear(): void {
    for (const item of [...byKey.values()]) remove(item)
  }

  /** The most important ones. */
  function first(count: number): UploadItem[] {
    const found: UploadItem[] = []
    for (const name of order) {
      for (const item of groups[name]) {
        if (found.length === count) return found
        found.push(item)
      }
    }
    return found
  }

  const count = (name: UploadGroup) => computed(() => groups[name].size)
  const sum = (names: UploadGroup[], of: (item: UploadItem) => number) => names.reduce((total, name) => [...groups[name]].reduce((part, item) => part + of(item), total), 0)

  return {
    groups,
    put,
    remove,
    clear,
    first,
    find: (key: string) => byKey.get(key),
    all: () => byKey.values(),
    troubledCount: count('troubled'),
    movingCount: count('moving'),
    pausedCount: count('paused'),
    interruptedCount: count('interrupted'),
    waitingCount: count('waiting'),
    doneCount: count('done'),
    count: computed(() => order.reduce((total, name) => total + groups[name].size, 0)),
    totalBytes: computed(() => bytes.total),
    sentBytes: computed(() => bytes.done + sum(['moving', 'paused'], (item) => item.sentBytes)),
    bytesPerSecond: computed(() => sum(['moving'], (item) => item.bytesPerSecond)),
  }
}
