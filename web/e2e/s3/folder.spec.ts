// A whole folder at once, the folders in it included.
import { mkdirSync, writeFileSync } from 'node:fs'
import { newPerson } from '../support/people'
import { textPdf } from '../support/files'
import { expect, signIn, test } from '../support/vault'
import { noStore, tray } from './largeFile'

test.skip(() => noStore, 'there is no object store')

test('a folder is uploaded with the folders in it', async ({ page }, testInfo) => {
  await signIn(page, await newPerson('Fred'))
  const folder = testInfo.outputPath('Papers')
  mkdirSync(`${folder}/2025/spring`, { recursive: true })
  for (const [index, place] of ['', '2025/', '2025/spring/', '2025/spring/'].entries()) {
    const { name, buffer } = textPdf(`Paper ${index}.pdf`, [`Paper ${index} of the folder, ${testInfo.testId}`])
    writeFileSync(`${folder}/${place}${name}`, buffer)
  }
  writeFileSync(`${folder}/.DS_Store`, 'of no interest')
  page.on('filechooser', () => undefined)
  await page.getByRole('banner').getByRole('button', { name: 'Choose files or a folder' }).click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('menuitem', { name: 'Upload a folder' }).click()])
  await chooser.setFiles(folder)
  await expect(tray(page)).toContainText('4 files uploaded')
})
