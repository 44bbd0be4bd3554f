public import EarmarkMark

/// Marks a live stream for the client of a ticket, within the ticket's validity and on the meeting's timeline.
///
/// What `Embedder` promises holds here too: no added delay, the same bits however a stream is cut, and after `init` no
/// allocation, lock or system call. One instance serves one stream and one thread at a time.
@safe public struct LiveEmbedder: ~Copyable {
    /// Where on the meeting's timeline a stream stands.
    public enum Position: Sendable, Equatable {
        /// Seconds since the meeting's start.
        case meeting(Double)
        /// Unix seconds.
        case clock(Double)
    }

    /// Whose mark is made.
    public let ticket: Ticket
    /// Rate, channels and strength.
    public let parameters: Embedder.Parameters

    /// Frames that are turned into floats at a time.
    private static let scratchFrames = 256

    private var embedder: Embedder
    private var rounding = MarkRounding(bits: 16)
    private let scratch: UnsafeMutablePointer<Float>

    /// Prepares a stream whose first frame is played at `position`.
    ///
    /// - Throws: `unsupportedFormat`, `ticketRevoked`, `ticketNotYetValid`, `ticketExpired`, or `invalidArgument` for a
    ///   position that is no finite number.
    public init(
        ticket: Ticket, parameters: Embedder.Parameters, position: Position, revocations: RevocationList? = nil
    ) throws(LiveError) {
        guard let embedder = Embedder(seeds: ticket.seeds, parameters: parameters) else { throw .unsupportedFormat }
        if let revocations, revocations.contains(ticket) { throw .ticketRevoked }
        let seconds = try LiveEmbedder.seconds(position, ticket)
        self.ticket = ticket
        self.parameters = parameters
        self.embedder = embedder
        let capacity = LiveEmbedder.scratchFrames * parameters.channels
        unsafe scratch = .allocate(capacity: capacity)
        unsafe scratch.initialize(repeating: 0, count: capacity)
        self.embedder.setTime(seconds)
    }

    deinit { unsafe scratch.deallocate() }

    /// Says where the next frame is played; if the ticket is not valid there, nothing changes.
    ///
    /// A stream that runs on past its ticket's end keeps its mark: losing it would lose the leak.
    public mutating func setPosition(_ position: Position) throws(LiveError) {
        embedder.setTime(try LiveEmbedder.seconds(position, ticket))
    }

    /// Meeting time of the next frame, seconds.
    public var time: Double { embedder.time }

    /// What happened to the frames.
    public var counters: Embedder.Counters { embedder.counters }

    /// Marks interleaved floats in place, full scale 1.
    public mutating func process(interleaved samples: UnsafeMutableBufferPointer<Float>, frames: Int) {
        unsafe embedder.process(interleaved: samples, frames: frames)
    }

    /// Marks floats in place, one buffer for each channel.
    public mutating func process(planes: UnsafePointer<UnsafeMutablePointer<Float>>, frames: Int) {
        unsafe embedder.process(planes: planes, frames: frames)
    }

    /// Marks interleaved 16-bit samples in place, with triangular dither where there is a mark.
    public mutating func process(interleaved samples: UnsafeMutablePointer<Int16>, frames: Int) {
        let channels = parameters.channels
        var done = 0
        while done < frames {
            let count = min(LiveEmbedder.scratchFrames, frames - done)
            let part = unsafe samples + done * channels
            for index in 0..<count * channels { unsafe scratch[index] = LiveEmbedder.float(part[index]) }
            unsafe embedder.process(interleaved: .init(start: scratch, count: count * channels), frames: count)
            unsafe rounding.add(scratch, to: part, count: count * channels)
            done += count
        }
    }

    /// Marks 16-bit samples in place, one buffer for each channel; the same bits as interleaved.
    public mutating func process(planes: UnsafePointer<UnsafeMutablePointer<Int16>>, frames: Int) {
        let channels = parameters.channels
        var done = 0
        while done < frames {
            let count = min(LiveEmbedder.scratchFrames, frames - done)
            for channel in 0..<channels {
                for frame in 0..<count {
                    unsafe scratch[frame * channels + channel] = LiveEmbedder.float(planes[channel][done + frame])
                }
            }
            unsafe embedder.process(interleaved: .init(start: scratch, count: count * channels), frames: count)
            unsafe rounding.add(scratch, to: planes, channels: channels, first: done, frames: count)
            done += count
        }
    }

    @inline(__always)
    private static func float(_ sample: Int16) -> Float { Float(sample) * (1 / 32_768) }

    /// Seconds into the meeting, if the ticket is valid there.
    private static func seconds(_ position: Position, _ ticket: Ticket) throws(LiveError) -> Double {
        let seconds =
            switch position {
            case .meeting(let seconds): seconds
            case .clock(let unix): unix - Double(ticket.meetingStart)
            }
        guard seconds.isFinite, abs(seconds) <= furthest else { throw .invalidArgument }
        let time = ticket.meetingStart.addingReportingOverflow(Int64(seconds.rounded(.down)))
        if time.overflow || time.partialValue < ticket.notBefore { throw .ticketNotYetValid }
        if time.partialValue > ticket.notAfter { throw .ticketExpired }
        return seconds
    }

    /// Furthest position, seconds: 31,000 years count as a mistake, and fit 64 bits.
    private static let furthest = 1e12
}
