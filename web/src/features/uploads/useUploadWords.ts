// What a line of the tray says: how far the file is, what it waits for, or what went wrong and what to do about it.
import { useI18n } from 'vue-i18n'
import type { ApiProblem } from '@/api/client'
import { useProblemText } from '@/api/useProblemText'
import { useQuota } from '@/features/quotas'
import { formatBytes } from '@/shared/formatBytes'
import { timeLeft } from './transferRate'
import type { UploadItem } from './uploadItem'

export function useUploadWords() {
  const { t, n, locale } = useI18n()
  const { problemText } = useProblemText()
  const { data: quota } = useQuota()
  const bytes = (count: number) => formatBytes(count, locale.value)

  /** "4.2 MB/s · about 3 min left"; empty while nothing can be said. */
  function pace(leftBytes: number, bytesPerSecond: number): string {
    if (bytesPerSecond < 1) return ''
    const left = timeLeft(leftBytes, bytesPerSecond)
    const rate = t('upload.rate', { rate: bytes(bytesPerSecond) })
    return left ? `${rate} · ${t(`upload.left.${left.unit}`, { count: n(left.count) })}` : rate
  }

  function missingBytes(problem: ApiProblem, sizeBytes: number): number {
    if (typeof problem.extra.missing_bytes === 'number') return problem.extra.missing_bytes
    const known = quota.value
    return known ? sizeBytes - (known.limit_bytes - known.used_bytes - known.reserved_bytes) : 0
  }

  function problemWords(problem: ApiProblem, sizeBytes: number): string {
    if (problem.code === 'quota_exceeded') {
      const missing = missingBytes(problem, sizeBytes)
      if (missing > 0) return t('upload.quotaMissing', { missing: bytes(missing) })
    }
    if (problem.code === 'file_too_large' && typeof problem.extra.max_bytes === 'number') {
      return t('upload.tooLarge', { most: bytes(problem.extra.max_bytes) })
    }
    return problemText(problem)
  }

  function words(item: UploadItem): string {
    const { state, sizeBytes, sentBytes, bytesPerSecond, problem, duplicate, waitsFor } = item
    if (problem) return problemWords(problem, sizeBytes)
    if (duplicate) return t(duplicate.isTrashed ? 'upload.duplicateTrashed' : 'upload.duplicate')
    if (waitsFor) return t(`upload.waitsFor.${waitsFor}`)
    const sent = t('upload.sent', { sent: bytes(sentBytes), size: bytes(sizeBytes) })
    if (state === 'sending') return [sent, pace(sizeBytes - sentBytes, bytesPerSecond)].filter(Boolean).join(' · ')
    if (state === 'interrupted' || state === 'paused') return `${t(`upload.state.${state}`)} · ${sent}`
    return state === 'waiting' ? `${t('upload.state.waiting')} · ${bytes(sizeBytes)}` : t(`upload.state.${state}`)
  }

  return { words, pace, bytes }
}
