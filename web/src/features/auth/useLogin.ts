// Signing in with e-mail and password.
import { useMutation } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { tellOtherTabs } from './renewSession'
import { useSessionStore } from './session.store'

export interface Credentials {
  email: string
  password: string
}

export function useLogin() {
  const session = useSessionStore()
  return useMutation({
    mutationFn: (credentials: Credentials) => unwrap(api.POST('/api/v1/auth/login', { body: credentials })),
    onSuccess: (answer) => {
      session.accept(answer)
      tellOtherTabs({ kind: 'renewed', session: answer })
    },
  })
}
