// A database of the test cluster (scripts/test-postgres) for a stack of several processes, with roles and schema as at scale: made
// by `docuvault migrate`, used by a login that cannot change it.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { program } from './server'

const root = join(import.meta.dirname, '../../..')
const script = (argument: string) => execFileSync(join(root, 'scripts/test-postgres'), [argument], { encoding: 'utf8' }).trim()

export interface ScaledDatabase {
  url: string
  run: (sql: string) => void
  drop: () => void
}

const logins = `DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('docuvault_app'));
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'docuvault_migrate') THEN CREATE ROLE docuvault_migrate LOGIN NOINHERIT; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'docuvault_app') THEN CREATE ROLE docuvault_app LOGIN; END IF;
END $$`

export function makeDatabase(env: NodeJS.ProcessEnv): ScaledDatabase {
  const server = script('start')
  const psql = join(script('bindir'), 'psql')
  const name = `docuvault_e2e_${randomBytes(4).toString('hex')}`
  const url = server.replace('/postgres?', `/${name}?`)
  const as = (role: string) => url.replace('postgres@', `${role}@`)
  const sql = (where: string, ...what: string[]) => execFileSync(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', where, ...what], { stdio: ['ignore', 'ignore', 'pipe'] })
  sql(server, '-c', `CREATE DATABASE ${name}`, '-c', logins)
  sql(url, '-f', join(root, 'crates/docuvault/src/db/roles.sql'))
  execFileSync(program(), ['migrate'], { env: { PATH: env.PATH, DATABASE_MIGRATE_URL: as('docuvault_migrate') }, stdio: ['ignore', 'ignore', 'pipe'] })
  return {
    url: as('docuvault_app'),
    run: (what) => void sql(url, '-c', what),
    drop: () => void sql(server, '-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}
