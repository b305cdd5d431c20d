// Another e-mail address: asked for with the password, confirmed at both addresses, called off at any time.
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api, unwrap } from '@/api/client'
import { mutationOf, queryKeys } from '@/api/queryKeys'
import type { Body } from '@/api/types'

export function useChangeEmail() {
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries({ queryKey: queryKeys.me })
  const start = useMutation({
    mutationKey: mutationOf('security.email_change_started'),
    mutationFn: (change: Body<'/api/v1/me/email', 'post'>) => unwrap(api.POST('/api/v1/me/email', { body: change })),
    onSuccess,
  })
  const callOff = useMutation({ mutationFn: () => unwrap(api.DELETE('/api/v1/me/email')), onSuccess })
  const verify = useMutation({ mutationFn: () => unwrap(api.POST('/api/v1/me/email/verification')) })
  return { start, callOff, verify }
}
