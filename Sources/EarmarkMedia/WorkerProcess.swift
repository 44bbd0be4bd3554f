internal import Foundation

/// A decoder process that has one recording open, seen from the program.
final class WorkerProcess: @unchecked Sendable {
    // Sendable: WorkerPool lends it to one thread at a time.

    /// What the decoder found the file to be.
    let file: OpenedFile
    let link: WorkerLink

    /// Starts a decoder and lets it open `source`.
    ///
    /// - Throws: `MediaError` of the file, or `unreadable` if there is no decoder to be had.
    init(_ worker: DecoderWorker, _ source: ByteSource) throws {
        let link = try WorkerLink(worker, source)
        file = try link.use { try DecoderTalk(channel: $0, path: source.path).open() }
        self.link = link
    }

    /// Decodes a track that exists, as `RecordingDecoder.decode` does.
    ///
    /// After an error the decoder is of no more use.
    func decode(
        track: Int, sampleRate: Int, channels: Range<Int>, stretch: DecodeStretch? = nil,
        body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        try link.use { channel in
            try DecoderTalk(channel: channel, path: link.path)
                .decode(track: track, channels: channels, sampleRate: sampleRate, stretch: stretch, body: body)
        }
    }
}

/// What is said to a decoder and what is believed of its answers: nothing that could not be so.
struct DecoderTalk {
    let channel: WorkerChannel
    let path: String

    /// Has the file judged and surveyed.
    ///
    /// - Throws: `MediaError`: the decoder's own, or `corrupt` for an answer that makes no sense;
    ///   `WorkerChannel.Closed`.
    func open() throws -> OpenedFile {
        try channel.send(.order, json: WorkerOrder.open(path: path))
        let file = try answer(OpenedFile.self, .opened, try channel.receiveHead())
        guard (1...WorkerMessage.mostTracks).contains(file.tracks.count),
            file.tracks.enumerated().allSatisfy({ $0 == $1.index && $1.isCredible }),
            file.omitted.count <= WorkerMessage.mostOmitted, file.omitted.allSatisfy(\.isCredible)
        else {
            throw nonsense
        }
        return OpenedFile(
            container: file.container, tracks: file.tracks,
            omitted: file.omitted.map {
                OmittedTrack(position: $0.position, codec: $0.codec, reason: words($0.reason))
            })
    }

    /// Has channels of a track decoded, which must deliver as many.
    ///
    /// An analysis pays for no more.
    ///
    /// - Throws: as `open`, and what `body` throws.
    func decode(
        track: Int, channels: Range<Int>, sampleRate: Int, stretch: DecodeStretch? = nil,
        body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        try channel.send(
            .order,
            json: WorkerOrder.decode(
                track: track, sampleRate: sampleRate, firstChannel: channels.lowerBound, channels: channels.count,
                stretch: stretch))
        var blocks = BlockReader(channels: channels.count)
        var head = try channel.receiveHead()
        let most = Int64((stretch?.mostSeconds ?? WorkerMessage.longestTrack) * Double(sampleRate))
        var progress = (frames: Int64(0), time: ContinuousClock.now)
        while head.kind == WorkerMessage.Kind.block.rawValue {
            guard blocks.frames <= most,
                blocks.count <= WorkerMessage.mostBlocks + blocks.frames / WorkerMessage.leastBlock,
                try blocks.read(head, channel, body)
            else { throw nonsense }
            // Progress is audio, not bytes: a decoder that gives a sample now and then goes on for ever.
            let now = ContinuousClock.now
            if blocks.frames - progress.frames >= Int64(sampleRate) {
                progress = (blocks.frames, now)
            } else if let patience = channel.patience, now - progress.time > .seconds(patience) {
                throw WorkerChannel.Closed(isSilent: true)
            }
            head = try channel.receiveHead()
        }
        let summary = try answer(DecodeSummary.self, .summary, head)
        guard summary.decodedFrames == blocks.frames, summary.sampleRate == sampleRate,
            (0...Int(UInt32.max)).contains(summary.corruptPackets), summary.channels == blocks.channels,
            summary.places.isCredible, summary.holes >= 0
        else {
            throw nonsense
        }
        return DecodeSummary(
            decodedFrames: summary.decodedFrames, sampleRate: summary.sampleRate, channels: summary.channels,
            corruptPackets: summary.corruptPackets, isTruncated: summary.isTruncated,
            warnings: summary.warnings.prefix(DecoderTalk.mostWarnings).map(words), holes: summary.holes,
            places: summary.places)
    }

    /// Warnings that are passed on; there is one of each kind.
    private static let mostWarnings = 20
    /// Longest text that is passed on, characters.
    private static let longestText = 10_000

    /// A reason that a decoder can have; any other is a refusal all the same.
    private static func credible(_ code: MediaError.Code) -> MediaError.Code {
        switch code {
        case .unsupportedType, .unsupportedSampleFormat, .tooLarge, .noAudio, .videoOnly, .encrypted, .truncated,
            .corrupt, .outOfRange, .unreadable:
            code
        case .notFound, .tooShort, .writeFailed, .timeLimit: .corrupt
        }
    }

    /// The decoder's words as they are passed on: plain, and none that speak of this program or how it is started,
    /// which a file may have put into its mouth.
    private func words(_ text: String) -> String {
        let plain = DecoderTalk.plain(text)
        guard plain.contains(where: \.isLetter) else { return "the decoder gives no reason." }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var own = plain
        // Whole lines first: the name of what they make is in them, too.
        let lines = ConversionAdvice.lines(for: path)
        for known in lines + [path, name, ConversionAdvice.shellQuoted(path)] where !known.isEmpty {
            own = own.split(separator: known, omittingEmptySubsequences: false).joined(separator: " ")
        }
        own = own.lowercased()
        let isAdvice = ["earmark", "confine", "seccomp", "sudo", "install", "://"].contains { own.contains($0) }
        return isAdvice ? "the decoder's reason makes no sense: the content is damaged, or made to attack." : plain
    }

    /// A text for people without what terminals take for orders.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestText).map { isPlain($0) ? $0 : "?" }))
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        // Joiners belong to names in Persian, Hindi and others.
        if scalar == "\u{200C}" || scalar == "\u{200D}" { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return true
        }
    }

    private func answer<Value: Decodable>(
        _ type: Value.Type, _ kind: WorkerMessage.Kind, _ head: WorkerMessage.Head
    ) throws -> Value {
        if head.kind == WorkerMessage.Kind.failure.rawValue {
            let failure = try read(WorkerFailure.self, Int(head.count))
            throw MediaError(DecoderTalk.credible(failure.code), words(failure.message), path: path)
        }
        guard head.kind == kind.rawValue else { throw nonsense }
        return try read(type, Int(head.count))
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ count: Int) throws -> Value {
        guard count <= WorkerMessage.longestText else { throw nonsense }
        let bytes = try channel.receiveBytes(count)
        guard let value = try? JSONDecoder().decode(type, from: Data(bytes)) else { throw nonsense }
        return value
    }

    private var nonsense: MediaError {
        MediaError(
            .corrupt, "its decoder no longer answers sensibly: the content is damaged, or made to attack decoders.",
            path: path)
    }
}

/// Takes blocks from a worker and makes sure that they are what blocks must be.
private struct BlockReader: ~Copyable {
    /// Frames taken so far.
    private(set) var frames: Int64 = 0
    /// Blocks taken so far.
    private(set) var count: Int64 = 0
    /// Channels of all of them, 1...64.
    let channels: Int
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)

    init(channels: Int) { self.channels = channels }

    deinit { storage.deallocate() }

    /// Reads the block that `head` announces and hands it to `body`; false if it is none.
    mutating func read(
        _ head: WorkerMessage.Head, _ channel: WorkerChannel, _ body: (borrowing PlanarBlock) throws -> Void
    ) throws -> Bool {
        let bytes = Int(head.count)
        let frameBytes = channels * MemoryLayout<Float>.stride
        guard head.channels == UInt32(channels), bytes > 0, bytes % frameBytes == 0 else { return false }
        let length = bytes / frameBytes
        guard length <= WorkerMessage.longestBlock else { return false }
        reserve(bytes)
        try channel.receive(UnsafeMutableRawBufferPointer(rebasing: storage[..<bytes]))
        guard let base = storage.baseAddress?.assumingMemoryBound(to: Float.self),
            !SampleScratch.holdsInvalid(base, channels * length, beyond: SampleScratch.largestDelivered)
        else { return false }
        frames += Int64(length)
        count += 1
        try body(PlanarBlock(base: base, stride: length, channelCount: channels, frameCount: length))
        return true
    }

    private mutating func reserve(_ bytes: Int) {
        guard storage.count < bytes else { return }
        storage.deallocate()
        storage = .allocate(byteCount: bytes, alignment: 16)
    }
}
