// Live news from the server.
export { useEventStream } from './useEventStream'
