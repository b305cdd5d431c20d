// One file on its way, as the tray shows it.
import type { ApiProblem } from '@/api/client'

export type UploadState = 'waiting' | 'hashing' | 'sending' | 'finishing' | 'done' | 'duplicate' | 'failed'

export interface UploadItem {
  /** Ours alone; the server's id is `documentId`. */
  key: string
  file: File
  state: UploadState
  hashedBytes: number
  sentBytes: number
  bytesPerSecond: number
  /** The upload waits for the network to come back. */
  isOffline: boolean
  documentId: string | null
  problem: ApiProblem | null
  duplicate: { id: string; isTrashed: boolean } | null
}

const activeStates: readonly UploadState[] = ['hashing', 'sending', 'finishing']

export function isActive(item: UploadItem): boolean {
  return activeStates.includes(item.state)
}

export function isSettled(item: UploadItem): boolean {
  return !isActive(item) && item.state !== 'waiting'
}

/** Smooths the measured rate, so that the shown one does not jump about. */
export function smoothRate(previous: number, bytes: number, elapsedMs: number): number {
  if (elapsedMs <= 0) return previous
  const now = (bytes * 1000) / elapsedMs
  return previous === 0 ? now : previous * 0.8 + now * 0.2
}
