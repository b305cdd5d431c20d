// What is left to send of one file, as the server sees it: the memory of an upload is there, never in the browser.
import { ApiProblem } from '@/api/client'
import type { OpenUpload, SignedParts, SingleTarget, StartedUpload } from '@/api/types'
import { PartAddresses } from './partAddresses'
import { partsOf, type Part } from './sendParts'

export interface UploadPlan {
  documentId: string
  /** Nothing is left to send. */
  isThere: boolean
  single: SingleTarget | null
  multipart: { parts: Part[]; addresses: PartAddresses } | null
  /** ETags of the parts that the store holds, by number; null where we were not told. */
  stored: Map<number, string | null>
}

type Sign = (documentId: string, partNumbers: number[]) => Promise<SignedParts>

export function planOfStarted({ document, upload }: StartedUpload, sizeBytes: number, sign: Sign): UploadPlan {
  const plan: UploadPlan = { documentId: document.id, isThere: false, single: upload.single ?? null, multipart: null, stored: new Map() }
  if (upload.multipart) {
    const addresses = new PartAddresses((numbers) => sign(document.id, numbers))
    addresses.take({ parts: upload.multipart.parts, expires_at: upload.expires_at })
    plan.multipart = { parts: partsOf(sizeBytes, upload.multipart.part_size_bytes), addresses }
  }
  return plan
}

const plain = (etag: string) => etag.replace(/^W\/|"/g, '')

export interface Known {
  sizeBytes: number
  sha256: string | null
  /** What the store answered to the parts that we sent. */
  sentEtags: ReadonlyMap<number, string | null>
}

/** Throws `other_file` when the file at hand is not the one that the upload was begun with. */
export function planOfOpen(documentId: string, upload: OpenUpload, known: Known, sign: Sign): UploadPlan {
  const isOther = upload.size_bytes !== known.sizeBytes || (upload.sha256 && known.sha256 && upload.sha256 !== known.sha256)
  if (isOther) throw new ApiProblem(0, 'other_file', '')
  const plan: UploadPlan = { documentId, isThere: upload.state !== 'waiting', single: upload.single ?? null, multipart: null, stored: new Map() }
  if (!upload.multipart || plan.isThere) return plan
  plan.multipart = {
    parts: partsOf(known.sizeBytes, upload.multipart.part_size_bytes),
    addresses: new PartAddresses((numbers) => sign(documentId, numbers)),
  }
  // Begun by a program that did not say what it sends: its parts may be those of another file of this size.
  const isUnknown = !upload.sha256 && known.sentEtags.size === 0 && known.sha256 !== null
  for (const { part_number, etag } of isUnknown ? [] : upload.parts) {
    const sent = known.sentEtags.get(part_number)
    if (!sent || plain(sent) === plain(etag)) plan.stored.set(part_number, etag)
  }
  plan.isThere = plan.stored.size === plan.multipart.parts.length
  return plan
}

export function missingParts({ multipart, stored }: UploadPlan): Part[] {
  return multipart ? multipart.parts.filter(({ number }) => !stored.has(number)) : []
}
