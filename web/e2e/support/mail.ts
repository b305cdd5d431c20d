// The mail the program would have sent: .eml files in its data folder.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { dataDir } from './server'

function decodeBody(body: string, encoding: string): string {
  if (/base64/i.test(encoding)) return Buffer.from(body.replace(/\s/g, ''), 'base64').toString('utf8')
  if (!/quoted-printable/i.test(encoding)) return body
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function split(part: string): { headers: string; body: string } {
  const at = /\r?\n\r?\n/.exec(part)
  if (!at) return { headers: part, body: '' }
  return { headers: part.slice(0, at.index).replace(/\r?\n[ \t]+/g, ' '), body: part.slice(at.index + at[0].length) }
}

const header = (headers: string, name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(headers)?.[1]?.trim() ?? ''

/** The text of a mail, its parts one after the other. */
function textOf(mail: string): string {
  const { headers, body } = split(mail)
  const boundary = /boundary="?([^";]+)"?/i.exec(header(headers, 'Content-Type'))?.[1]
  if (!boundary) return decodeBody(body, header(headers, 'Content-Transfer-Encoding'))
  return body.split(`--${boundary}`).slice(1, -1).map((part) => textOf(part.replace(/^\r?\n/, ''))).join('\n')
}

function mailsTo(recipient: string): { at: number; text: string }[] {
  const folder = join(dataDir(), 'mail')
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.eml'))
  } catch {
    return []
  }
  return names
    .map((name) => ({ at: statSync(join(folder, name)).mtimeMs, raw: readFileSync(join(folder, name), 'latin1') }))
    .filter(({ raw }) => header(split(raw).headers, 'To').includes(recipient))
    .map(({ at, raw }) => ({ at, text: textOf(raw) }))
    .sort((a, b) => b.at - a.at)
}

/** The link to a page of the vault in the newest mail to a person; waits until it is there. */
export async function mailedLink(recipient: string, path: string): Promise<string> {
  let link = ''
  await expect(() => {
    const found = mailsTo(recipient).map(({ text }) => new RegExp(`https?://\\S+${path}#[\\w=%.~-]+`).exec(text)?.[0])
    link = found.find(Boolean) ?? ''
    expect(link, `a link to ${path} in a mail to ${recipient}`).not.toBe('')
  }).toPass({ timeout: 30_000 })
  return link
}
