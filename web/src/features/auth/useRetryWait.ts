// How long one still has to wait after too many attempts.
import { watch, type Ref } from 'vue'
import { ApiProblem } from '@/api/client'
import { useCountdown } from '@/shared/useCountdown'

export function useRetryWait(...errors: Ref<unknown>[]): Ref<number> {
  const { secondsLeft, start } = useCountdown()
  for (const error of errors) {
    watch(error, (problem) => {
      if (problem instanceof ApiProblem && problem.status === 429) start(problem.retryAfterSeconds ?? 30)
    })
  }
  return secondsLeft
}
