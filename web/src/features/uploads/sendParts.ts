// Sends the parts of one file that the store does not have yet, several at once, each repeated until it is there.
import { ApiProblem } from '@/api/client'
import type { PartAddresses } from './partAddresses'
import { passingReason, pauseMs, type Patience } from './persist'
import type { isReadable, putFile } from './putFile'
import type { RequestSlots } from './requestSlots'

const partsAtOnce = 4
/** A store that keeps saying no to fresh addresses means it. */
const mostRefusals = 4
const mostFailures = 6

export interface Part {
  number: number
  start: number
  end: number
}

export function partsOf(sizeBytes: number, partSizeBytes: number): Part[] {
  const parts: Part[] = []
  for (let start = 0; start < sizeBytes; start += partSizeBytes) {
    parts.push({ number: parts.length + 1, start, end: Math.min(sizeBytes, start + partSizeBytes) })
  }
  return parts
}

/** The store has forgotten the upload: what it holds has to be asked again. */
export class UploadForgotten extends Error {}

export interface SendingWays {
  put: typeof putFile
  isReadable: typeof isReadable
  slots: RequestSlots
  patience: Patience
  /** How much of a part, or of the whole file, is on its way. */
  onMoving: (partNumber: number, sentBytes: number) => void
}

export interface PartsToSend {
  file: Blob
  parts: Part[]
  addresses: PartAddresses
  onArrived: (part: Part, etag: string | null) => void
}

export async function sendParts({ file, parts, addresses, onArrived }: PartsToSend, ways: SendingWays): Promise<void> {
  // One part that cannot be sent stops the others.
  const controller = new AbortController()
  const abort = () => controller.abort()
  ways.patience.signal.addEventListener('abort', abort)
  const inner = { ...ways, patience: { ...ways.patience, signal: controller.signal } }
  let next = 0
  let failure: { error: unknown } | null = null

  async function carryOn(): Promise<void> {
    for (let part = parts[next++]; part && !controller.signal.aborted; part = parts[next++]) {
      onArrived(part, await sendPart(file, part, addresses, () => parts.slice(next, next + 50).map(({ number }) => number), inner))
    }
  }

  if (ways.patience.signal.aborted) abort()
  await Promise.all(
    Array.from({ length: Math.min(partsAtOnce, parts.length) }, () =>
      carryOn().catch((error: unknown) => {
        failure ??= { error }
        abort()
      }),
    ),
  )
  ways.patience.signal.removeEventListener('abort', abort)
  ways.patience.signal.throwIfAborted()
  if (failure) throw (failure as { error: unknown }).error
}

async function sendPart(file: Blob, part: Part, addresses: PartAddresses, remaining: () => number[], ways: SendingWays): Promise<string | null> {
  const { signal, wait, onWait } = ways.patience
  const bytes = file.slice(part.start, part.end)
  let attempt = 0
  let refusals = 0
  let failures = 0
  for (;;) {
    const url = await addresses.of(part.number, remaining)
    const giveBack = await ways.slots.take(signal)
    try {
      // It may have aged while there was no slot.
      if (!addresses.isGood(part.number, url)) continue
      const etag = await ways.put(bytes, { method: 'PUT', url, headers: {} }, signal, (sentBytes) => ways.onMoving(part.number, sentBytes))
      onWait(null)
      return etag
    } catch (error) {
      ways.onMoving(part.number, 0)
      // Others use the slot while this one waits.
      giveBack()
      if (!(error instanceof ApiProblem)) throw error
      const reason = passingReason(error)
      const isRefused = error.status === 403 || error.status === 400
      if (reason === 'network' && !(await ways.isReadable(bytes))) throw new ApiProblem(0, 'file_unreadable', '')
      if (error.status === 404) throw new UploadForgotten()
      if (reason) refusals = 0
      else if (isRefused) {
        // Run out, or signed for a moment that is past by the store's clock: a fresh one will do.
        addresses.drop(part.number, url)
        if (++refusals >= mostRefusals) throw asRefusal(error)
        if (refusals === 1) continue
      } else if (error.status < 500 || ++failures >= mostFailures) throw asRefusal(error)
      onWait(reason)
      await wait(pauseMs(error, attempt++), signal)
    } finally {
      giveBack()
    }
  }
}

/** Stores answer in words of their own; ours are clearer. */
export function asRefusal(error: ApiProblem): ApiProblem {
  if (error.code !== 'unexpected') return error
  return new ApiProblem(error.status, error.status === 507 ? 'out_of_space' : 'part_refused', '')
}
