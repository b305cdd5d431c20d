// What every way of signing in ends with: the session is taken, and the other tabs are told.
import type { Session } from '@/api/types'
import { tellOtherTabs } from './renewSession'
import { useSessionStore } from './session.store'

export function useSignIn(): (answer: Session) => void {
  const session = useSessionStore()
  return (answer) => {
    session.accept(answer)
    tellOtherTabs({ kind: 'renewed', session: answer })
  }
}
