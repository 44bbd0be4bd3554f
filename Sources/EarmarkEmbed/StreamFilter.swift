package import EarmarkFiles
package import EarmarkLive
package import EarmarkMark

/// Marks a stream of bytes from standard input to standard output while it runs.
package struct StreamFilter: ~Copyable {
    private var marker: StreamMarker
    /// Bytes of samples that are still to come; nil if unknown.
    ///
    /// What follows them is passed on as it is.
    private var left: Int?
    private let followsClock: Bool

    /// A stream that lags behind the clock by more than this has stood still: its time is set anew, seconds.
    ///
    /// It never runs ahead of the clock for long, but for files, whose own time is the better one.
    private static let standstill = 0.5

    /// A stream that has not begun.
    ///
    /// - Parameters:
    ///   - embedder: marks; it knows rate and channels.
    ///   - format: how samples lie in the stream.
    ///   - limit: bytes of samples; nil if unknown. What follows them is passed on as it is.
    ///   - followsClock: whether the meeting's time is that of the system's clock.
    package init(embedder: consuming LiveEmbedder, format: RawFormat, limit: Int?, followsClock: Bool) {
        marker = StreamMarker(format: format, embedder: embedder)
        left = limit
        self.followsClock = followsClock
    }

    /// Parameters of the stream's samples.
    package var parameters: Embedder.Parameters { marker.embedder.parameters }
    /// How much of the stream was marked.
    package var counters: Embedder.Counters { marker.embedder.counters }

    /// How much of it carries the mark.
    package var coverage: MarkCoverage { marker.coverage }

    /// Marks and passes on `pending`, which was read already, and all that follows.
    package mutating func run(_ stream: inout ByteStream, _ pending: inout [UInt8]) throws {
        repeat {
            guard try flush(stream, &pending) else { return }
        } while try stream.read(into: &pending)
        // A frame that never became whole.
        _ = try stream.write(pending[...])
    }

    /// Marks and writes all whole frames; false if nobody reads any more.
    private mutating func flush(_ stream: borrowing ByteStream, _ pending: inout [UInt8]) throws -> Bool {
        followClock()
        let frame = marker.frameBytes
        let audible = min(pending.count, left ?? pending.count)
        let whole = audible / frame * frame
        pending.withUnsafeMutableBufferPointer { marker.mark(.init(rebasing: $0[..<whole])) }
        left = left.map { $0 - whole }
        let isPastSamples = left.map { $0 < frame } ?? false
        let ready = isPastSamples ? pending.count : whole
        if isPastSamples { left = left.map { max(0, $0 - (pending.count - whole)) } }
        guard try stream.write(pending[..<ready]) else { return false }
        pending.removeFirst(ready)
        return true
    }

    private mutating func followClock() {
        guard followsClock else { return }
        let now = WallClock.now
        let shown = marker.embedder.time + Double(marker.embedder.ticket.meetingStart)
        // Past the ticket's end the stream runs on by its own samples.
        if now - shown > StreamFilter.standstill { try? marker.embedder.setPosition(.clock(now)) }
    }
}
