// pdf.js, loaded only when a PDF is shown. Nothing in a document is ever run: no scripting, no XFA forms. Image decoders
// run as plain JavaScript, so that the page's policy need not allow WebAssembly.
import { getDocument, PDFWorker, TextLayer, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist'
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url'
import { startWorker } from '@/shared/startWorker'

const resources = '/pdfjs'
/** Pictures beyond this are left out rather than taking the tab down. */
const mostImagePixels = 64_000_000

export interface OpenPdf {
  document: PDFDocumentProxy
  close: () => void
}

/** Whether opening failed for want of a password, or of the right one. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && error.name === 'PasswordException'
}

export async function openPdf(url: string, password?: string): Promise<OpenPdf> {
  const port = startWorker(workerUrl)
  const worker = PDFWorker.create({ port })
  const task = getDocument({
    worker,
    url,
    password,
    cMapUrl: `${resources}/cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${resources}/standard_fonts/`,
    wasmUrl: `${resources}/wasm/`,
    useWasm: false,
    enableXfa: false,
    useSystemFonts: false,
    maxImageSize: mostImagePixels,
    disableAutoFetch: true,
  })
  const close = async () => {
    await task.destroy()
    worker.destroy()
    port.terminate()
  }
  try {
    return { document: await task.promise, close: () => void close() }
  } catch (error) {
    void close()
    throw error
  }
}

export { TextLayer }
export type { PDFDocumentProxy, PDFPageProxy }
