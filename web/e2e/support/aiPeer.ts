// A server that speaks like OpenAI, answers as a test says, and remembers all it was sent. The vault under test may reach it.
import { createServer, type Server } from 'node:http'
import { aiPort } from './server'

export interface AiPeer {
  address: string
  /** What was sent to it so far, as text. */
  received: string[]
  /** From now on, for every document. */
  files: (topic: string, title: string) => void
  stop: () => Promise<void>
}

export async function startAiPeer(): Promise<AiPeer> {
  const received: string[] = []
  let said = 'ready'
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push(`${request.url} ${body}`)
      const answer = request.url?.endsWith('/models')
        ? { data: [{ id: 'small-model' }, { id: 'large-model' }] }
        : { choices: [{ message: { role: 'assistant', content: said } }], usage: { prompt_tokens: 321, completion_tokens: 12 } }
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(aiPort, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${aiPort}/v1`,
    received,
    files: (topic, title) => {
      said = JSON.stringify({ topics: [{ name: topic, confidence: 0.96, reason: 'as the test says' }], title, document_date: null, correspondent: null, language: 'en' })
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
