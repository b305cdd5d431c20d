// The actions are named in the server's sources; one without words would show as `account.something`.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import english from '@/locales/en.json'
import { auditActions } from './auditActions'

const repository = resolve(import.meta.dirname, '../../../..')
const read = (folder: string, ending: string) =>
  readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(repository, folder, name), 'utf8'))
    .join('\n')

const inRust = [...read('crates/docuvault/src', '.rs').matchAll(/Event::new\(\s*"([a-z_]+\.[a-z_]+)"/g)]
const inSql = [...read('migrations', '.sql').matchAll(/'((?:account|auth|totp|api_token|invite|admin|keys|document|topic|upload|storage)\.[a-z_]+)'/g)]
const written = [...new Set([...inRust, ...inSql].map(([, action]) => action ?? ''))].sort()

it('has words for every action that the server writes', () => {
  expect(written.length).toBeGreaterThan(40)
  expect(written.filter((action) => !(action.replaceAll('.', '_') in english.activity.action))).toEqual([])
})

it('lets administrators narrow to every action that concerns accounts', () => {
  const theirs = written.filter((action) => !/^(ai|filing|document|topic|upload)\./.test(action))
  expect(theirs.filter((action) => !(auditActions as readonly string[]).includes(action))).toEqual([])
})
