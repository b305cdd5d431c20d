// Documents made for one test, so that each test knows every word in them.
import type { Browser } from '@playwright/test'
import type { NamedFile } from './vault'

/** A PDF with real text, one string per page, lines parted by newlines. */
export function textPdf(name: string, pages: string[]): NamedFile {
  const objects: string[] = []
  const pageIds = pages.map((_, index) => 4 + index * 2)
  objects[1] = '<< /Type /Catalog /Pages 2 0 R >>'
  objects[2] = `<< /Type /Pages /Kids [${pageIds.map((id) => `${id} 0 R`).join(' ')}] /Count ${pages.length} >>`
  objects[3] = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'
  pages.forEach((text, index) => {
    const id = 4 + index * 2
    const lines = text.split('\n').map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`)
    const content = `BT /F1 12 Tf 16 TL 60 780 Td ${lines.join(' ')} ET`
    objects[id] = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${id + 1} 0 R >>`
    objects[id + 1] = `<< /Length ${content.length} >>\nstream\n${content}\nendstream`
  })
  return { name, mimeType: 'application/pdf', buffer: pdfOf(objects) }
}

/** The file of numbered objects, of which the first is the catalogue. */
function pdfOf(objects: string[]): Buffer {
  let file = '%PDF-1.4\n'
  const offsets: number[] = []
  for (let id = 1; id < objects.length; id += 1) {
    offsets.push(file.length)
    file += `${id} 0 obj\n${objects[id]}\nendobj\n`
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  file += `xref\n0 ${objects.length}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}

/**
 * A PDF that tries to run script wherever readers have been known to: in a font's matrix (CVE-2024-4367), on opening, and behind
 * a link.
 */
export function scriptingPdf(name: string, text: string, script: string): NamedFile {
  const quoted = `(${script.replace(/[\\()]/g, '\\$&')})`
  const plain = textPdf(name, [text]).buffer.toString('latin1')
  const matrix = `(1\\); ${script.replace(/[\\()]/g, '\\$&')}//)`
  const font = `<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /FontMatrix [0.001 0 0 0.001 0 ${matrix}] >>`
  const spiked = plain
    .replace('<< /Type /Catalog /Pages 2 0 R >>', `<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS ${quoted} >> >>`)
    .replace(/<< \/Type \/Font [^>]*>>/, font)
    .replace('/Resources', `/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] /A << /S /URI /URI (javascript:${script}) >> >>] /Resources`)
  return { name, mimeType: 'application/pdf', buffer: Buffer.from(spiked, 'latin1') }
}

/** A picture of a letter, as a scanner would make it: no text in the file, only pixels. */
export async function scannedLetter(browser: Browser, name: string, lines: string[]): Promise<NamedFile> {
  return { name, mimeType: 'image/png', buffer: await pictureOfLetter(browser, 'png', lines) }
}

const pictureSize = { width: 1240, height: 900 }

async function pictureOfLetter(browser: Browser, type: 'png' | 'jpeg', lines: string[]): Promise<Buffer> {
  const page = await browser.newPage({ viewport: pictureSize })
  await page.setContent('<body></body>')
  await page.evaluate((texts) => {
    document.body.style.cssText = 'font: 36px/1.7 "DejaVu Serif", serif; padding: 90px; background: #fff; color: #111'
    document.body.replaceChildren(
      ...texts.map((text) => {
        const line = document.createElement('p')
        line.textContent = text
        return line
      }),
    )
  }, lines)
  const picture = await page.screenshot({ type })
  await page.close()
  return picture
}

/** A PDF whose pages are pictures of letters, as a scanner with a document feeder makes it. */
export async function scannedPdf(browser: Browser, name: string, pages: string[][]): Promise<NamedFile> {
  const pictures: Buffer[] = []
  for (const lines of pages) pictures.push(await pictureOfLetter(browser, 'jpeg', lines))
  const objects = ['', '<< /Type /Catalog /Pages 2 0 R >>', `<< /Type /Pages /Kids [${pages.map((_, at) => `${3 + at * 3} 0 R`).join(' ')}] /Count ${pages.length} >>`]
  const content = 'q 595 0 0 432 0 400 cm /Scan Do Q'
  pictures.forEach((picture, at) => {
    const id = 3 + at * 3
    objects[id] = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /Scan ${id + 1} 0 R >> >> /Contents ${id + 2} 0 R >>`
    objects[id + 1] =
      `<< /Type /XObject /Subtype /Image /Width ${pictureSize.width} /Height ${pictureSize.height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode ` +
      `/Length ${picture.length} >>\nstream\n${picture.toString('latin1')}\nendstream`
    objects[id + 2] = `<< /Length ${content.length} >>\nstream\n${content}\nendstream`
  })
  return { name, mimeType: 'application/pdf', buffer: pdfOf(objects) }
}
