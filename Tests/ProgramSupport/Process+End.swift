public import Foundation

extension Process {
    /// Waits for the end of a process, and kills one that has not ended after `seconds`, far longer than what it does
    /// takes on a busy machine: a mistake that has it run for ever shall fail its test, not keep all from ending.
    public func end(within seconds: Double = 600) {
        let number = processIdentifier
        let limit = DispatchWorkItem { kill(number, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: limit)
        waitUntilExit()
        limit.cancel()
    }
}
