import EarmarkMedia
import Foundation

/// The process that analyses for a batch, one file after the other, and may die of one.
package struct AnalysisServer {
    private let analyst: any BatchAnalyst

    /// Has files analysed by `analyst`.
    package init(_ analyst: any BatchAnalyst) { self.analyst = analyst }

    /// Serves the batch at the other end of descriptor 0 until it hangs up.
    package func run() throws {
        ChildProcess.outliveStops()
        ChildProcess.volunteer()
        let channel = AnalysisChannel(descriptor: ChildProcess.socketDescriptor)
        AnalysisServer.endWithBatch(channel.descriptor)
        try channel.send(AnalysisReply.ready)
        while true {
            let order: AnalysisOrder
            do {
                order = try channel.receive(AnalysisOrder.self)
            } catch is AnalysisChannel.Silence {
                return
            }
            let reply: AnalysisReply
            do {
                reply = .outcome(try analyst.analyse(order.item, sha256: order.sha256))
            } catch let error as MediaError where error.cause == .killer {
                reply = .killed(how: "the process that decodes it")
            } catch {
                reply = .init(failure: error)
            }
            try channel.send(reply)
        }
    }

    /// Ends the process as soon as the batch has: whatever is in hand, nobody waits for it.
    private static func endWithBatch(_ socket: Int32) {
        Thread {
            var entry = pollfd(fd: socket, events: 0, revents: 0)
            while poll(&entry, 1, -1) <= 0 {}
            _exit(EX_OK)
        }.start()
    }
}
