// Documents: the library, one document, the trash, and what one can do with them.
export { useCachedDocuments } from './cachedDocuments'
export { default as DocumentThumbnail } from './components/DocumentThumbnail.vue'
export { default as StatusBadge } from './components/StatusBadge.vue'
export { default as TopicChips } from './components/TopicChips.vue'
export { documentTypes, typeLabelKey } from './documentTypes'
export { useDocumentText } from './useDocument'
export { useDocumentSummary } from './useDocumentSummary'
export { readProgress } from './useReadingProgress'
export const loadDocumentPage = () => import('./DocumentPage.vue')
export const loadLibraryPage = () => import('./LibraryPage.vue')
export const loadTrashPage = () => import('./TrashPage.vue')
