// One upload from file to document:
// 1. hash the file, 2. reserve room, or ask what is there of an upload begun earlier, 3. send what is missing, as a whole or in
// parts, 4. say that it is complete. All of it may be stopped at any point and run again: finished parts are not sent twice,
// and completing is idempotent. Whatever went wrong on the way, the next round begins with what the server knows.
import { ApiProblem } from '@/api/client'
import { isProblem } from '@/api/problem'
import type { Document } from '@/api/types'
import { waitForNetwork } from '@/shared/backOff'
import { hashFile } from './hashFile'
import { passingReason, pauseMs, persist, type Patience } from './persist'
import { isReadable, putFile } from './putFile'
import type { RequestSlots } from './requestSlots'
import { asRefusal, sendParts, UploadForgotten, type SendingWays } from './sendParts'
import { TransferRate } from './transferRate'
import { completeUpload, showUpload, signParts, startUpload } from './uploadCalls'
import type { UploadItem, UploadState } from './uploadItem'
import { missingParts, planOfOpen, planOfStarted, type UploadPlan } from './uploadPlan'

export interface UploadSteps {
  hash: typeof hashFile
  start: typeof startUpload
  show: typeof showUpload
  sign: typeof signParts
  put: typeof putFile
  isReadable: typeof isReadable
  complete: typeof completeUpload
  wait: typeof waitForNetwork
}

export const realSteps: UploadSteps = {
  hash: hashFile,
  start: startUpload,
  show: showUpload,
  sign: signParts,
  put: putFile,
  isReadable,
  complete: completeUpload,
  wait: waitForNetwork,
}

export interface Carriage {
  allowDuplicate: boolean
  signal: AbortSignal
  slots: RequestSlots
  /** Claims the upload for this tab; false when another one carries it. */
  hold: (documentId: string) => Promise<boolean>
}

/** Rounds in a row in which nothing new arrived. */
const mostFruitlessRounds = 4
const mostFailures = 6
const shownEveryMs = 250

function randomKey(): string {
  // Not randomUUID: that one is missing where the vault is reached by plain http.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Carries one file through all steps; the item shows how far it is. Rejects with what stopped it. */
export function runUpload(item: UploadItem, carriage: Carriage, steps: UploadSteps = realSteps): Promise<Document> {
  return new UploadRun(item, carriage, steps).run()
}

class UploadRun {
  readonly #rate = new TransferRate()
  readonly #moving = new Map<number, number>()
  readonly #sentEtags = new Map<number, string | null>()
  readonly #patience: Patience
  #finishedBytes = 0
  #mismatches = 0

  constructor(
    private readonly item: UploadItem,
    private readonly carriage: Carriage,
    private readonly steps: UploadSteps,
  ) {
    this.#patience = { signal: carriage.signal, wait: steps.wait, onWait: (reason) => (item.waitsFor = reason) }
  }

  async run(): Promise<Document> {
    const { item, carriage } = this
    await this.#hash()
    for (let fruitless = 0; ; fruitless += 1) {
      const plan = await this.#plan()
      item.documentId = plan.documentId
      carriage.signal.throwIfAborted()
      if (!(await carriage.hold(plan.documentId))) throw new ApiProblem(0, 'carried_elsewhere', '')
      const before = this.#sentEtags.size
      try {
        if (!plan.isThere) await this.#send(plan)
        this.#enter('finishing')
        return await persist(this.#patience, () => this.steps.complete(plan.documentId, this.#etagsOf(plan), carriage.signal))
      } catch (error) {
        if (this.#sentEtags.size > before) fruitless = 0
        if (!this.#isWorthAnotherRound(error) || fruitless + 1 >= mostFruitlessRounds) throw error instanceof UploadForgotten ? new ApiProblem(404, 'part_refused', '') : error
      }
    }
  }

  /** One that was paused or cancelled shows nothing any more. */
  #enter(state: UploadState): void {
    this.carriage.signal.throwIfAborted()
    this.item.state = state
  }

  async #hash(): Promise<void> {
    const { item } = this
    const { file } = item
    if (!file) return
    if (file.size === 0) throw new ApiProblem(0, 'empty_file', '')
    if (item.sha256) return
    this.#enter('hashing')
    let hashedBytes = 0
    const showing = setInterval(() => (item.hashedBytes = hashedBytes), shownEveryMs)
    try {
      item.sha256 = await this.steps.hash(file, this.carriage.signal, (bytes) => (hashedBytes = bytes))
    } finally {
      clearInterval(showing)
    }
  }

  async #plan(): Promise<UploadPlan> {
    const { item, steps, carriage } = this
    const { documentId } = item
    const sign = (id: string, numbers: number[]) => persist(this.#patience, () => steps.sign(id, numbers, carriage.signal))
    if (documentId) {
      try {
        const upload = await persist(this.#patience, () => steps.show(documentId, carriage.signal))
        return planOfOpen(documentId, upload, { sizeBytes: item.file?.size ?? item.sizeBytes, sha256: item.file && item.sha256, sentEtags: this.#sentEtags }, sign)
      } catch (error) {
        if (!(error instanceof ApiProblem && error.status === 404)) throw error
        // Given up meanwhile, by another device or because it lay too long. The file is still at hand: from the start, then.
        item.documentId = null
        this.#sentEtags.clear()
      }
    }
    const { file, sha256 } = item
    if (!file || !sha256) throw new ApiProblem(404, 'upload_gone', '')
    item.startKey ??= randomKey()
    const { startKey } = item
    const described = { filename: file.name, sizeBytes: file.size, contentType: file.type || 'application/octet-stream', sha256 }
    const started = await persist(this.#patience, () => steps.start(described, carriage.allowDuplicate, startKey))
    item.startKey = null
    return planOfStarted(started, file.size, sign)
  }

  async #send(plan: UploadPlan): Promise<void> {
    const { item } = this
    const { file } = item
    if (!file) throw new ApiProblem(0, 'file_needed', '')
    const missing = missingParts(plan)
    this.#finishedBytes = plan.multipart ? file.size - missing.reduce((sum, { start, end }) => sum + end - start, 0) : 0
    this.#moving.clear()
    this.#enter('sending')
    this.#show()
    const showing = setInterval(() => this.#show(), shownEveryMs)
    try {
      if (plan.multipart) {
        const { addresses } = plan.multipart
        await sendParts(
          {
            file,
            parts: missing,
            addresses,
            onArrived: ({ number, start, end }, etag) => {
              plan.stored.set(number, etag)
              this.#sentEtags.set(number, etag)
              this.#onMoving(number, end - start)
              this.#moving.delete(number)
              this.#finishedBytes += end - start
            },
          },
          this.#ways,
        )
      } else {
        await this.#sendWhole(file, plan)
        this.#finishedBytes = file.size
      }
    } finally {
      clearInterval(showing)
      this.#moving.clear()
      item.bytesPerSecond = 0
      item.sentBytes = this.#finishedBytes
    }
  }

  /** In one request. An address that is used up or has run out: then completing tells whether the bytes arrived. */
  async #sendWhole(file: File, { single }: UploadPlan): Promise<void> {
    if (!single) throw new ApiProblem(0, 'unexpected', '')
    const { signal } = this.carriage
    let failures = 0
    for (let attempt = 0; ; attempt += 1) {
      const giveBack = await this.carriage.slots.take(signal)
      try {
        // Sliced, because a Blob without a type sends none of its own.
        await this.steps.put(file.slice(0, file.size), single, signal, (sentBytes) => this.#onMoving(0, sentBytes))
        this.item.waitsFor = null
        return
      } catch (error) {
        giveBack()
        this.#moving.clear()
        if (!(error instanceof ApiProblem)) throw error
        if ([400, 403, 404, 409, 410, 412].includes(error.status)) return
        const reason = passingReason(error)
        if (reason === 'network' && !(await this.steps.isReadable(file))) throw new ApiProblem(0, 'file_unreadable', '')
        if (!reason && (error.status < 500 || ++failures >= mostFailures)) throw asRefusal(error)
        this.item.waitsFor = reason
        await this.steps.wait(pauseMs(error, attempt), signal)
      } finally {
        giveBack()
      }
    }
  }

  get #ways(): SendingWays {
    return {
      put: this.steps.put,
      isReadable: this.steps.isReadable,
      slots: this.carriage.slots,
      patience: this.#patience,
      onMoving: (partNumber, sentBytes) => this.#onMoving(partNumber, sentBytes),
    }
  }

  #onMoving(partNumber: number, sentBytes: number): void {
    const before = this.#moving.get(partNumber) ?? 0
    this.#rate.add(sentBytes - before)
    this.#moving.set(partNumber, sentBytes)
    if (sentBytes > before) this.item.waitsFor = null
  }

  #show(): void {
    const { item } = this
    let sentBytes = this.#finishedBytes
    for (const bytes of this.#moving.values()) sentBytes += bytes
    item.sentBytes = Math.min(item.sizeBytes, sentBytes)
    item.bytesPerSecond = this.#rate.measure(performance.now())
  }

  /** The ETags of all parts, if we were told them all and the store did not disagree before. */
  #etagsOf({ multipart, stored }: UploadPlan): { part_number: number; etag: string }[] | null {
    if (!multipart || this.#mismatches > 1) return null
    const parts = multipart.parts.map(({ number }) => ({ part_number: number, etag: stored.get(number) ?? '' }))
    return parts.every(({ etag }) => etag !== '') ? parts : null
  }

  #isWorthAnotherRound(error: unknown): boolean {
    if (error instanceof UploadForgotten) {
      this.#sentEtags.clear()
      return true
    }
    if (isProblem(error, 'validation_failed') && error.fields.some(({ field }) => field.startsWith('parts'))) {
      // What the store holds is not what we sent: that part goes again. If they still disagree, its word counts.
      this.#mismatches += 1
      if (this.#mismatches > 1) this.#sentEtags.clear()
      return true
    }
    return isProblem(error, 'upload_incomplete') || (error instanceof ApiProblem && error.status === 404 && error.code === 'not_found')
  }
}
