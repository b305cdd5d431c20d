// The second factor: setting it up, new recovery codes, and taking it off.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { mutationOf, queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'
import { useSessionStore } from '@/features/auth'

export function useTotp() {
  return useQuery({ queryKey: queryKeys.totp, queryFn: () => unwrap(api.GET('/api/v1/auth/totp')) })
}

export function useTotpChanges() {
  const queries = useQueryClient()
  const session = useSessionStore()

  async function refresh(): Promise<void> {
    await Promise.all([queryKeys.totp, queryKeys.me, queryKeys.sessions].map((queryKey) => queries.invalidateQueries({ queryKey })))
  }

  const start = useMutation({ mutationFn: (password: string) => unwrap(api.POST('/api/v1/auth/totp', { body: { password } })) })
  const confirm = useMutation({
    mutationKey: mutationOf('security.totp_enabled'),
    mutationFn: (code: string) => unwrap(api.POST('/api/v1/auth/totp/confirm', { body: { code } })),
    onSuccess: () => {
      session.isKeepingCodes = session.mustEnrol
      session.change({ totp_enabled: true })
      void refresh()
    },
  })
  const disable = useMutation({
    mutationKey: mutationOf('security.totp_disabled'),
    mutationFn: (proof: Body<'/api/v1/auth/totp', 'delete'>) => unwrap(api.DELETE('/api/v1/auth/totp', { body: proof })),
    onSuccess: () => {
      session.change({ totp_enabled: false })
      void refresh()
    },
  })
  const makeCodes = useMutation({
    mutationKey: mutationOf('security.recovery_codes_made'),
    mutationFn: (proof: Body<'/api/v1/auth/totp/recovery-codes', 'post'>) => unwrap(api.POST('/api/v1/auth/totp/recovery-codes', { body: proof })),
    onSuccess: refresh,
  })
  return { start, confirm, disable, makeCodes }
}
