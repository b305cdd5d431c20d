// One's own AI: agreed to by name, tried out, seen in the ledger, kept from what a rule forbids, and replaced by the machine when gone.
import { textPdf } from './support/files'
import { startAiPeer } from './support/aiPeer'
import { newPerson } from './support/people'
import { expect, expectAccessible, openVault, signIn, signOut, test, upload } from './support/vault'
import type { Page } from '@playwright/test'

async function uploadAndOpen(page: Page, file: ReturnType<typeof textPdf>): Promise<void> {
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Library' }).click()
  await upload(page, [file])
  await page.getByRole('link', { name: `Open ${file.name}` }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await expect(page.getByText('Being read')).toHaveCount(0, { timeout: 45_000 })
}

test('SEC-NET-04 a provider is asked only after consent, never about what a rule keeps back, and the machine files when it is gone', async ({ page }) => {
  test.setTimeout(180_000)
  const peer = await startAiPeer()
  try {
    await openVault(page)
    await signOut(page)
    await signIn(page, await newPerson('Quentin'))

    await page.goto('/settings/ai')
    await expect(page.getByRole('radio', { name: /On this machine/ })).toBeChecked()
    await expectAccessible(page)
    await page.getByRole('radio', { name: /A server of your own/ }).click()
    const address = page.getByLabel('Address')
    await address.fill('http://127.0.0.1:1/v1')
    await page.getByRole('button', { name: 'Fetch models' }).click()
    await expect(page.getByText('Only public hosts can be reached').or(page.getByText('inside the network')).first()).toBeVisible()
    await address.fill(peer.address)
    await page.getByRole('button', { name: 'Fetch models' }).click()
    await page.getByRole('button', { name: 'small-model' }).click()
    await page.getByLabel('Price of a million tokens sent').fill('1500.5')
    await page.getByLabel('Price of a million tokens answered').fill('0')
    await page.getByRole('button', { name: 'Save' }).first().click()
    const consent = page.getByRole('dialog')
    await expect(consent).toContainText('127.0.0.1')
    await expectAccessible(page)
    expect(peer.received.filter((sent) => sent.includes('/chat/')), 'nothing but the list of models was asked for').toEqual([])
    await consent.getByRole('button', { name: /^Agree to send/ }).click()
    await page.getByRole('button', { name: 'Test' }).click()
    await expect(page.getByText(/It works/)).toBeVisible()

    // A document is filed by it, and the ledger says so.
    peer.files('Contracts', 'Named by the model')
    await uploadAndOpen(page, textPdf('Plain.pdf', ['A plain page with the word gooseberry']))
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Named by the model')
    await expect(page.getByRole('list', { name: 'Topics', exact: true }).first()).toContainText('Contracts')
    expect(peer.received.at(-1)).toContain('gooseberry')
    await page.goto('/settings/ai/sent')
    const row = page.getByRole('row').filter({ hasText: 'Filing' })
    await expect(row).toContainText('Named by the model')
    await expect(row).toContainText('Answered')
    await expect(row).toContainText(/cost 0\.\d/)
    await expectAccessible(page)

    // What a rule forbids does not leave.
    await page.goto('/settings/ai')
    await expect(page.getByLabel('Price of a million tokens sent')).toHaveValue('1500.5')
    await page.getByRole('button', { name: 'Add topic' }).click()
    await page.getByRole('combobox', { name: 'Topics' }).fill('Invoices')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('list', { name: 'Never send' })).toContainText('Invoices')
    const sentBefore = peer.received.length
    await uploadAndOpen(page, textPdf('Kept.pdf', ['Invoice number 4711\nInvoice date 2024-05-06\nAmount due 99.00 EUR, due date 2024-06-01, gherkin']))
    await expect(page.getByText(/rule/i).first()).toBeVisible()
    expect(peer.received.length).toBe(sentBefore)
    expect(peer.received.join()).not.toContain('gherkin')

    // The provider is gone: the machine files, and says so.
    await peer.stop()
    await uploadAndOpen(page, textPdf('Alone.pdf', ['Rental contract between landlord and tenant, notice period three months']))
    await expect(page.getByText(/could not be reached|cannot be reached/).first()).toBeVisible()
    await expect(page.getByRole('list', { name: 'Topics', exact: true }).first()).toContainText(/Contracts|Housing|Rent/)
  } finally {
    await peer.stop()
  }
})
