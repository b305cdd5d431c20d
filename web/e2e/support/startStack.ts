// Starts what the tests run against: one process with everything in it, or a scaled stack.
import { isScaled } from './server'
import startScaledStack from './scaledStack'
import startServer from './startServer'

export default function startStack(): Promise<() => Promise<void>> {
  return isScaled ? startScaledStack() : startServer()
}
