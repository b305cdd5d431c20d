// Signing in with e-mail and password, and with the second factor where the account has one.
import { useMutation } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { api, unwrap } from '@/api/client'
import { isProblem } from '@/api/problem'
import { useSignIn } from './useSignIn'

export interface Credentials {
  email: string
  password: string
}

export type SecondFactor = { totp_code: string } | { recovery_code: string }

export function useLogin() {
  const signIn = useSignIn()
  /** Stands for the password that was right, while the second factor is still to come. Kept in memory only. */
  const mfaToken = ref<string | null>(null)

  const password = useMutation({
    mutationFn: (credentials: Credentials) => unwrap(api.POST('/api/v1/auth/login', { body: credentials })),
    onSuccess: signIn,
    onError: (error) => {
      if (isProblem(error, 'totp_required') && typeof error.extra.mfa_token === 'string') mfaToken.value = error.extra.mfa_token
    },
  })

  const secondFactor = useMutation({
    mutationFn: (factor: SecondFactor) =>
      unwrap(api.POST('/api/v1/auth/login/second-factor', { body: { mfa_token: mfaToken.value ?? '', ...factor } })),
    onSuccess: signIn,
    // Too late, or too many wrong codes: the password has to be given again.
    onError: (error) => {
      if (isProblem(error, 'mfa_expired')) mfaToken.value = null
    },
  })

  function startOver(): void {
    mfaToken.value = null
    password.reset()
    secondFactor.reset()
  }

  const wantsSecondFactor = computed(() => mfaToken.value !== null)
  return { password, secondFactor, wantsSecondFactor, startOver }
}
