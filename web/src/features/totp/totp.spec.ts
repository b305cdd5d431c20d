import { expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { inGroups, useSvgPicture } from './qrImage'
import { recoveryCodesText } from './recoveryCodesFile'

it('makes a picture of the QR code, and forgets it with the seed in it', async () => {
  let made: Blob | null = null
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => ((made = blob as Blob), 'blob:qr'))
  const revoke = vi.spyOn(URL, 'revokeObjectURL').mockImplementation(() => undefined)
  const svg = ref<string | null>(null)
  const scope = effectScope()
  const address = scope.run(() => useSvgPicture(() => svg.value))
  expect(address?.value).toBe('')
  svg.value = '<svg xmlns="http://www.w3.org/2000/svg"/>'
  await nextTick()
  expect(address?.value).toBe('blob:qr')
  expect(made).toMatchObject({ type: 'image/svg+xml' })
  scope.stop()
  expect(revoke).toHaveBeenCalledWith('blob:qr')
})

it('groups the secret for typing', () => {
  expect(inGroups('JBSWY3DPEHPK3PXP')).toBe('JBSW Y3DP EHPK 3PXP')
  expect(inGroups('ABCDE')).toBe('ABCD E')
  expect(inGroups('')).toBe('')
})

it('writes one code a line', () => {
  expect(recoveryCodesText('DocuVault', 'Each works once.', ['aaaa', 'bbbb'])).toBe('DocuVault\nEach works once.\n\naaaa\nbbbb\n')
})
