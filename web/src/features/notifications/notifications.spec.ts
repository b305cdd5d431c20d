import { QueryClient } from '@tanstack/vue-query'
import { expect, it } from 'vitest'
import { mutationOf } from '@/api/queryKeys'
import german from '@/locales/de.json'
import english from '@/locales/en.json'
import { isOwnDeed } from './isOwnDeed'
import { knownKind, notificationKinds, placeOf, weightOf } from './notificationKinds'
import { markRead } from './useNotifications'

const entry = (id: string, read_at: string | null = null) => ({ id, kind: 'security.new_sign_in', data: {}, created_at: '2026-03-01T10:00:00Z', read_at })
const pages = (unread: number, ...items: ReturnType<typeof entry>[]) => ({ pages: [{ items, unread, next_cursor: null }], pageParams: [undefined] })

it('marks one as read, and counts it once', () => {
  const once = markRead(pages(2, entry('a'), entry('b')), 'a', 'now')
  expect(once?.pages[0]).toMatchObject({ unread: 1, items: [{ id: 'a', read_at: 'now' }, { id: 'b', read_at: null }] })
  expect(markRead(once, 'a', 'later')?.pages[0]).toMatchObject({ unread: 1, items: [{ read_at: 'now' }, {}] })
})

it('marks all as read, also those not loaded yet', () => {
  expect(markRead(pages(40, entry('a'), entry('b', 'before')), null, 'now')?.pages[0]).toMatchObject({ unread: 0, items: [{ read_at: 'now' }, { read_at: 'before' }] })
})

it('has words and a place for every kind, and treats an unknown one calmly', () => {
  for (const kind of notificationKinds) {
    for (const words of [english, german]) {
      const said = kind.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], words.notifications.kind)
      expect(said, kind).toEqual({ title: expect.any(String), text: expect.any(String) })
    }
    expect(placeOf(kind)).toMatch(/^\//)
  }
  expect(placeOf('documents.storage_problem', { document_id: 'a' })).toBe('/documents/a')
  expect(weightOf('security.refresh_reused')).toBe('grave')
  expect(weightOf('future.kind')).toBe('calm')
  expect(knownKind('future.kind')).toBeNull()
})

it('knows for a moment what was done in this tab', async () => {
  const queries = new QueryClient()
  const made = queries.getMutationCache().build(queries, { mutationKey: mutationOf('security.api_token_made'), mutationFn: () => Promise.resolve() })
  const refused = queries.getMutationCache().build(queries, { mutationKey: mutationOf('security.totp_enabled'), mutationFn: () => Promise.reject(new Error()) })
  expect(isOwnDeed(queries, 'security.api_token_made')).toBe(false)
  const done = made.execute(undefined)
  expect(isOwnDeed(queries, 'security.api_token_made')).toBe(true)
  await done
  await refused.execute(undefined).catch(() => undefined)
  expect(isOwnDeed(queries, 'security.api_token_made')).toBe(true)
  expect(isOwnDeed(queries, 'security.api_token_made', Date.now() + 60_000)).toBe(false)
  expect(isOwnDeed(queries, 'security.totp_enabled')).toBe(false)
  expect(isOwnDeed(queries, 'security.new_sign_in')).toBe(false)
})
