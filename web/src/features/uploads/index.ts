// Bringing files into the vault: picking, dropping, and the tray that shows how far each is.
export { default as DropOverlay } from './DropOverlay.vue'
export { default as UploadButton } from './UploadButton.vue'
export { default as UploadTray } from './UploadTray.vue'
export { useFilePicker } from './useFilePicker'
export { useUploadsStore } from './uploads.store'
