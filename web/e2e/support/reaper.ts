// Restarts one process after the other for as long as the tests run: most are told to stop, some are killed.
import type { ProgramProcess } from './programProcess'

const pauseMs = 2500

export class Reaper {
  readonly figures = { restarts: 0, kills: 0 }
  private isOver = false
  private working: Promise<void> | null = null
  private failure: unknown = null

  /** `forgetLeases` lets others take up at once what a killed worker was at, instead of a minute later. */
  constructor(
    private readonly processes: ProgramProcess[],
    private readonly mayKill: boolean,
    private readonly forgetLeases: () => void,
  ) {}

  start(): void {
    this.working = this.work().catch((error: unknown) => {
      this.failure = error
    })
  }

  /** Ends between two restarts; throws what went wrong. */
  async stop(): Promise<void> {
    this.isOver = true
    await this.working
    if (this.failure) throw this.failure
  }

  private async work(): Promise<void> {
    for (let turn = 0; !this.isOver; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const target = this.processes[turn % this.processes.length]
      if (!target || this.isOver) continue
      // Every third round, and with an odd number of processes each one comes to be killed.
      const isKill = this.mayKill && turn % 3 === 2
      if (isKill) {
        await target.kill()
        this.figures.kills += 1
        if (target.role === 'worker') this.forgetLeases()
      } else {
        await target.terminate()
        this.figures.restarts += 1
      }
      await target.start()
    }
  }
}
