// Seconds that run down to zero.
import { onScopeDispose, ref, type Ref } from 'vue'

export function useCountdown(now: () => number = Date.now): { secondsLeft: Ref<number>; start: (seconds: number) => void } {
  const secondsLeft = ref(0)
  let endsAt = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function tick(): void {
    secondsLeft.value = Math.max(0, Math.ceil((endsAt - now()) / 1000))
    if (secondsLeft.value === 0) clearInterval(timer)
  }

  function start(seconds: number): void {
    clearInterval(timer)
    endsAt = now() + seconds * 1000
    tick()
    // By the clock, not by counting ticks: a tab in the background ticks rarely.
    if (secondsLeft.value > 0) timer = setInterval(tick, 1000)
  }

  onScopeDispose(() => clearInterval(timer))
  return { secondsLeft, start }
}
