// Getting back in without the password: asking for a link, and choosing a new password by it.
import { useMutation } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'

export function useForgotPassword() {
  return useMutation({ mutationFn: (email: string) => unwrap(api.POST('/api/v1/auth/password/forgot', { body: { email } })) })
}

export function useChoosePassword() {
  return useMutation({
    mutationFn: (choice: { token: string; new_password: string }) => unwrap(api.POST('/api/v1/auth/password/reset', { body: choice })),
  })
}
