import EarmarkAnswer
import EarmarkService
import EarmarkStore
import Foundation

/// What a batch tells the process that analyses.
struct AnalysisOrder: Codable, Sendable {
    let path: String
    let meeting: String
    let name: String
    let note: String
    let playedAt: PlayedAt?
    let sha256: String

    init(_ item: BatchItem, sha256: String) {
        path = item.path
        meeting = item.meeting
        name = item.label.name
        note = item.label.note
        playedAt = item.playedAt
        self.sha256 = sha256
    }

    var item: BatchItem {
        BatchItem(path: path, meeting: meeting, label: .init(name: name, note: note), playedAt: playedAt)
    }
}

/// What the process that analyses answers: that it is ready, then one for each order.
enum AnalysisReply: Codable, Sendable {
    case ready
    case outcome(FileOutcome)
    /// What worked on the file was killed, and was not this process.
    case killed(how: String)
    /// The store failed, and the batch with it.
    case failed(code: String, message: String)

    init(failure error: any Error) {
        if let error = error as? StoreError {
            self = .failed(code: error.code.rawValue, message: error.message)
        } else {
            self = .failed(code: BatchError.Code.defect.rawValue, message: "\(error)")
        }
    }

    /// The failure as it was thrown there.
    static func error(code: String, message: String) -> any Error {
        StoreError.Code(rawValue: code).map { StoreError($0, message) } ?? BatchError(.defect, message)
    }
}

/// A line of JSON for each message, over a stream socket.
final class AnalysisChannel {
    let descriptor: Int32
    private var pending: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)

    /// Why nothing came.
    enum Silence: Error {
        /// The other end is gone.
        case ended
        /// It took too long.
        case tooLong
    }

    init(descriptor: Int32) { self.descriptor = descriptor }

    func send(_ message: some Encodable) throws {
        let bytes = Array(try JSONEncoder().encode(message)) + [UInt8(ascii: "\n")]
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count } else if errno != EINTR { throw Silence.ended }
        }
    }

    /// The next message; waits `seconds` for its end, for ever if that is infinite.
    func receive<Message: Decodable>(_ type: Message.Type, within seconds: Double = .infinity) throws -> Message {
        let begin = ContinuousClock.now
        var searched = 0
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(pending[..<end])
                pending.removeSubrange(...end)
                return try JSONDecoder().decode(type, from: line)
            }
            searched = pending.count
            guard isReady(within: seconds - Double((ContinuousClock.now - begin).components.seconds)) else {
                throw Silence.tooLong
            }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 { pending += chunk[..<count] } else if count == 0 || errno != EINTR { throw Silence.ended }
        }
    }

    private func isReady(within seconds: Double) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let longest = 1e6
        while true {
            let patience = seconds < longest ? Int32(max(0, seconds) * 1_000) : -1
            let count = poll(&entry, 1, patience)
            if count != 0, count > 0 || errno != EINTR { return true }
            if count == 0 { return false }
        }
    }
}
