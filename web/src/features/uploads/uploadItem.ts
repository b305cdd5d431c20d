// One file on its way, as the tray shows it.
import { markRaw, reactive } from 'vue'
import type { ApiProblem } from '@/api/client'

/** `interrupted`: begun earlier or elsewhere, and its file is not at hand here. */
export type UploadState = 'waiting' | 'hashing' | 'sending' | 'finishing' | 'paused' | 'done' | 'duplicate' | 'failed' | 'interrupted'

/** What belongs together in the tray. */
export type UploadGroup = 'troubled' | 'moving' | 'paused' | 'interrupted' | 'waiting' | 'done'

export interface UploadItem {
  /** Ours alone; the server's id is `documentId`. */
  key: string
  filename: string
  sizeBytes: number
  file: File | null
  state: UploadState
  hashedBytes: number
  sentBytes: number
  bytesPerSecond: number
  /** What has to come back before the upload goes on. */
  waitsFor: 'network' | 'storage' | null
  documentId: string | null
  /** Known once the file was hashed. */
  sha256: string | null
  /** Repeats of the first request carry the same, so that a lost answer reserves no room twice. */
  startKey: string | null
  problem: ApiProblem | null
  duplicate: { id: string; isTrashed: boolean } | null
}

const fresh = {
  hashedBytes: 0,
  sentBytes: 0,
  bytesPerSecond: 0,
  waitsFor: null,
  documentId: null,
  sha256: null,
  startKey: null,
  problem: null,
  duplicate: null,
} as const

export function itemOfFile(key: string, file: File): UploadItem {
  return reactive({ ...fresh, key, filename: file.name, sizeBytes: file.size, file: markRaw(file), state: 'waiting' })
}

export interface InterruptedUpload {
  documentId: string
  filename: string
  sizeBytes: number
  arrivedBytes: number
  /** All bytes are there; only the last step is missing, which needs no file. */
  isWhole: boolean
}

export function itemOfInterrupted(key: string, { documentId, filename, sizeBytes, arrivedBytes }: InterruptedUpload): UploadItem {
  return reactive({ ...fresh, key, filename, sizeBytes, file: null, state: 'interrupted', documentId, sentBytes: arrivedBytes })
}

const groups: Record<UploadState, UploadGroup> = {
  failed: 'troubled',
  duplicate: 'troubled',
  hashing: 'moving',
  sending: 'moving',
  finishing: 'moving',
  paused: 'paused',
  interrupted: 'interrupted',
  waiting: 'waiting',
  done: 'done',
}

export function groupOf(state: UploadState): UploadGroup {
  return groups[state]
}

/** The same file as far as one can tell without reading it. */
export function likenessOf({ filename, sizeBytes }: { filename: string; sizeBytes: number }): string {
  return `${sizeBytes}/${filename.normalize('NFC')}`
}
