// Starts a script of ours as a worker. The page's policy (Trusted Types) takes no plain text where a script is named, so that
// injected text can never become one; this is the only place that vouches for an address.
interface ScriptUrlPolicy {
  createScriptURL: (url: string) => string
}
interface TrustedTypes {
  createPolicy: (name: string, rules: ScriptUrlPolicy) => ScriptUrlPolicy
}

function ownScript(url: string): string {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError('not a script of this app')
  return url
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
// Browsers without Trusted Types get the same check.
const policy = trustedTypes?.createPolicy('docuvault-workers', { createScriptURL: ownScript }) ?? { createScriptURL: ownScript }

export function startWorker(url: string): Worker {
  return new Worker(policy.createScriptURL(url), { type: 'module' })
}
