import { afterEach, expect, test, vi } from 'vitest'
import { startWorker } from './startWorker'

afterEach(() => vi.unstubAllGlobals())

test('only scripts of the app become workers', () => {
  const started: string[] = []
  vi.stubGlobal('Worker', function noteOnly(url: string) {
    started.push(url)
  })
  startWorker('/assets/hashFile.worker.js')
  for (const url of ['https://evil.example/x.js', '//evil.example/x.js', 'data:text/javascript,1', 'blob:https://evil.example/1']) {
    expect(() => startWorker(url), url).toThrow(TypeError)
  }
  expect(started).toEqual(['/assets/hashFile.worker.js'])
})
