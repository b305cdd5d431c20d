// An S3 store for the tests: docuvault-test-store, which lies beside the program.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { program } from './server'

export interface TestStore {
  endpoint: string
  settings: NodeJS.ProcessEnv
  stop: () => void
}

/** Pages of `origin` may use it. */
export async function startStore(origin: string): Promise<TestStore> {
  const kind = process.env.DOCUVAULT_E2E_STORE_KIND ?? 'rclone'
  const child = spawn(join(dirname(program()), 'docuvault-test-store'), [kind, origin], { stdio: ['pipe', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the store ended with ${code}`)))
  })
  const told = JSON.parse(line) as Record<'endpoint' | 'region' | 'bucket' | 'access_key' | 'secret_key', string>
  return {
    endpoint: told.endpoint,
    settings: {
      DOCUVAULT_S3_ENDPOINT: told.endpoint,
      DOCUVAULT_S3_REGION: told.region,
      DOCUVAULT_S3_BUCKET: told.bucket,
      DOCUVAULT_S3_ACCESS_KEY: told.access_key,
      DOCUVAULT_S3_SECRET_KEY: told.secret_key,
    },
    // It ends with its input.
    stop: () => child.stdin.end(),
  }
}
