// How content types are drawn and named. The server sniffs the type; the file name's ending is never consulted.

export interface DocumentType {
  contentType: string
  /** Key under `type.` in the messages. */
  key: string
  icon: string
  tint: string
}

const word = { icon: 'i-lucide-file-text', tint: 'text-blue-700 dark:text-blue-400' }
const sheet = { icon: 'i-lucide-file-spreadsheet', tint: 'text-emerald-700 dark:text-emerald-400' }
const slides = { icon: 'i-lucide-presentation', tint: 'text-orange-700 dark:text-orange-400' }
const image = { icon: 'i-lucide-image', tint: 'text-violet-700 dark:text-violet-400' }
const text = { icon: 'i-lucide-file-type', tint: 'text-stone-600 dark:text-stone-400' }
const office = 'application/vnd.openxmlformats-officedocument'

export const documentTypes: DocumentType[] = [
  { contentType: 'application/pdf', key: 'pdf', icon: 'i-lucide-file-text', tint: 'text-red-700 dark:text-red-400' },
  { contentType: 'image/jpeg', key: 'jpeg', ...image },
  { contentType: 'image/png', key: 'png', ...image },
  { contentType: 'image/tiff', key: 'tiff', ...image },
  { contentType: 'image/heic', key: 'heic', ...image },
  { contentType: 'image/webp', key: 'webp', ...image },
  { contentType: 'image/gif', key: 'gif', ...image },
  { contentType: 'image/bmp', key: 'bmp', ...image },
  { contentType: `${office}.wordprocessingml.document`, key: 'docx', ...word },
  { contentType: 'application/vnd.oasis.opendocument.text', key: 'odt', ...word },
  { contentType: `${office}.spreadsheetml.sheet`, key: 'xlsx', ...sheet },
  { contentType: 'text/csv', key: 'csv', ...sheet },
  { contentType: `${office}.presentationml.presentation`, key: 'pptx', ...slides },
  { contentType: 'message/rfc822', key: 'eml', icon: 'i-lucide-mail', tint: 'text-sky-700 dark:text-sky-400' },
  { contentType: 'text/html', key: 'html', icon: 'i-lucide-file-code', tint: 'text-amber-700 dark:text-amber-400' },
  { contentType: 'text/markdown', key: 'markdown', ...text },
  { contentType: 'text/plain', key: 'text', ...text },
]

const unknown: DocumentType = { contentType: '', key: 'other', icon: 'i-lucide-file', tint: 'text-dimmed' }

export function documentType(contentType: string): DocumentType {
  const bare = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  return documentTypes.find((type) => type.contentType === bare) ?? (bare.startsWith('image/') ? { ...unknown, ...image } : unknown)
}

export function typeLabelKey(contentType: string): string {
  return `type.${documentType(contentType).key}`
}

/** Pictures that browsers do not draw: the server makes a large picture of their first page. */
export function isOtherImage(contentType: string): boolean {
  return contentType === 'image/heic' || contentType === 'image/tiff'
}

/** Pictures that browsers draw by themselves. */
export function isBrowserImage(contentType: string): boolean {
  return /^image\/(?:jpeg|png|webp|gif|bmp|avif)$/.test(contentType)
}
