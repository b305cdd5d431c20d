import { expect, it } from 'vitest'
import { inGroups, qrImage } from './qrImage'
import { recoveryCodesText } from './recoveryCodesFile'

it('makes a picture of the QR code that stays inside its quotes', () => {
  const address = qrImage('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z" fill="#000"/></svg>')
  expect(address).toMatch(/^data:image\/svg\+xml;charset=utf-8,%3Csvg/)
  expect(address).not.toMatch(/["<>#]/)
  expect(decodeURIComponent(address.split(',')[1] ?? '')).toContain('fill="#000"')
})

it('groups the secret for typing', () => {
  expect(inGroups('JBSWY3DPEHPK3PXP')).toBe('JBSW Y3DP EHPK 3PXP')
  expect(inGroups('ABCDE')).toBe('ABCD E')
  expect(inGroups('')).toBe('')
})

it('writes one code a line', () => {
  expect(recoveryCodesText('DocuVault', 'Each works once.', ['aaaa', 'bbbb'])).toBe('DocuVault\nEach works once.\n\naaaa\nbbbb\n')
})
