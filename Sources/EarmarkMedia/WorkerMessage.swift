internal import Foundation
import Glibc

/// What a program and its decoder process tell each other: a head and so many bytes as it says, over a stream socket.
///
/// Numbers are the machine's own, since both ends run on it. The program takes the other end for hostile: it may be
/// under the control of the file that it decodes.
enum WorkerMessage {
    /// What follows the head of a message.
    enum Kind: UInt32 {
        /// To the worker: `WorkerOrder` as JSON.
        case order = 1
        /// To the program: `OpenedFile`, `DecodeSummary` or `WorkerFailure` as JSON.
        case opened, summary, failure
        /// To the program: the samples of one channel after the other.
        case block
    }

    /// What precedes the bytes.
    struct Head {
        /// A `Kind`, as sent.
        var kind: UInt32
        /// Bytes that follow.
        var count: UInt32
        /// Channels of a block.
        var channels: UInt32 = 0
    }

    /// Longest JSON that is believed, bytes: 256 tracks and as many that are not examined take some 200 kB.
    static let longestText = 1 << 20
    /// Longest track that is believed, seconds, with silence that was put in at the end.
    static let longestTrack = DecodeBounds.longestTrack + 600
    /// Blocks that are believed beside one for each `leastBlock` frames: a flood of tiny ones costs the program more
    /// than the decoder.
    static let mostBlocks: Int64 = 10_000
    /// Mean length of many blocks that is believed, frames; honest ones have 8,192.
    static let leastBlock: Int64 = 64
    /// Tracks that are believed; `TrackSurvey` reports no more.
    static let mostTracks = TrackSurvey.maximumTracks
    /// Audio tracks of a file that are believed, with those that are not examined.
    static let mostPositions = 1_000_000
    /// Tracks that are not examined and are believed to be listed.
    static let mostOmitted = TrackSurvey.maximumOmitted + TrackSurvey.maximumTracks + 1
    /// Channels of a track that are believed.
    static let channels = 1...1_024
    /// Seconds without a byte after which a decoder is given up; it reads 500 MB in less, even from a slow disk.
    static let longestSilence = 600

    /// Longest block that is believed, frames; honest ones have 8,192.
    static let longestBlock = 1 << 20

    /// What limits on length and time are multiplied by: files of more than 500 MB, if they are allowed, may take more.
    static func sizeShare(_ byteCount: Int64) -> Double { max(1, Double(byteCount) / 500e6) }
}

/// What the program wants done.
enum WorkerOrder: Codable {
    /// Judge the file and survey its tracks; its path is for messages only.
    case open(path: String)
    /// Decode some channels of a track, or of a stretch of it, at a rate in hertz.
    case decode(track: Int, sampleRate: Int, firstChannel: Int, channels: Int, stretch: DecodeStretch?)
}

/// What a file turned out to be.
struct OpenedFile: Codable, Equatable {
    var container: RecordingContainer
    var tracks: [AudioTrack]
    /// Audio tracks that are not examined.
    var omitted: [OmittedTrack] = []
}

/// A `MediaError` on its way.
struct WorkerFailure: Codable {
    var code: MediaError.Code
    var message: String
}

/// One end of the socket.
struct WorkerChannel {
    let descriptor: Int32
    /// Longest time for a message, or a part of one, seconds; nil for ever.
    private(set) var patience: Int?

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The other end is gone, or has said nothing for so long that it might as well be.
    struct Closed: Error {
        var isSilent = false
    }

    /// Waits no longer than `seconds` for what is asked for; bytes that trickle in do not count.
    mutating func setPatience(seconds: Int) {
        patience = seconds
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ kind: WorkerMessage.Kind, json value: some Encodable) throws {
        let bytes = Array(try JSONEncoder().encode(value))
        try sendHead(kind, count: bytes.count)
        try sendAll(bytes)
    }

    func sendHead(_ kind: WorkerMessage.Kind, count: Int) throws(Closed) {
        var head = WorkerMessage.Head(kind: kind.rawValue, count: UInt32(truncatingIfNeeded: count))
        try withUnsafeBytes(of: &head) { bytes throws(Closed) in try sendAll(bytes) }
    }

    func sendAll(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try sendAll($0) }
    }

    func sendAll(_ bytes: UnsafeRawBufferPointer) throws(Closed) {
        var sent = 0
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            // MSG_NOSIGNAL: the other end may have died, which is no reason to die of SIGPIPE.
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            if count > 0 { sent += count } else if errno != EINTR { throw Closed() }
        }
    }

    /// Fills `bytes`.
    func receive(_ bytes: UnsafeMutableRawBufferPointer) throws(Closed) {
        var received = 0
        let start = ContinuousClock.now
        while received < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[received...])
            if received > 0, let patience, ContinuousClock.now - start > .seconds(patience) {
                throw Closed(isSilent: true)
            }
            let count = recv(descriptor, rest.baseAddress, rest.count, 0)
            if count > 0 {
                received += count
            } else if count == 0 || errno != EINTR {
                // The time is out only where `setPatience` was called.
                throw Closed(isSilent: count < 0 && errno == EAGAIN)
            }
        }
    }

    /// The head of the next message.
    func receiveHead() throws(Closed) -> WorkerMessage.Head {
        var head = WorkerMessage.Head(kind: 0, count: 0)
        try withUnsafeMutableBytes(of: &head) { bytes throws(Closed) in try receive(bytes) }
        return head
    }

    func receiveBytes(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { try receive($0) }
        return bytes
    }
}
