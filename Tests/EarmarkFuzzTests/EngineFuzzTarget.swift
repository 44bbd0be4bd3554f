import CEarmark
import EarmarkAnswer
import EarmarkC
import EarmarkEmbed
import EarmarkMark
import Foundation

@testable import EarmarkBatch
@testable import EarmarkMedia
@testable import EarmarkStore

/// What takes bytes from outside, each with what must hold whatever the bytes are.
///
/// A rule that is broken stops the process: a fuzzer keeps the input, a test fails. The fuzzer and the tests that
/// replay what it found are compiled from this file.
enum EngineFuzzTarget: String, CaseIterable, Sendable {
    /// A recording: judged, surveyed and decoded as an analysis does it, without the process around it.
    case media
    /// The boxes and chunks of recordings alone.
    case layout
    /// What a decoder's process says to the program.
    case talk
    /// A WAV stream that is marked as it comes.
    case wave
    /// A ticket.
    case ticket
    /// libearmark: a ticket, a configuration, calls.
    case library
    /// A roster of clients, and lists of meetings with rosters.
    case roster
    /// A list of files, in each of its forms.
    case manifest
    /// A key file.
    case keys
    /// A stored answer, and a line of results.
    case answer
    /// A report's signature and key.
    case signature

    /// Feeds `bytes` to it.
    func run(_ bytes: [UInt8]) {
        switch self {
        case .media: EngineFuzzTarget.decode(bytes)
        case .layout: EngineFuzzTarget.layout(bytes)
        case .talk: EngineFuzzTarget.talk(bytes)
        case .wave: _ = WAVHeader.parse(bytes)
        case .ticket: EngineFuzzTarget.ticket(bytes)
        case .library: EngineFuzzTarget.library(bytes)
        case .roster:
            _ = try? Roster.parse(bytes)
            _ = try? MeetingLines.parse(bytes, source: "lines")
        case .manifest: EngineFuzzTarget.manifest(bytes)
        case .keys: EngineFuzzTarget.keys(bytes)
        case .answer: EngineFuzzTarget.answer(bytes)
        case .signature: EngineFuzzTarget.signature(bytes)
        }
    }

    // MARK: Recordings

    /// The input as a file in memory.
    private static func withFile(_ bytes: [UInt8], _ body: (String) -> Void) {
        let path = "/dev/shm/earmark-fuzz-\(getpid())-\(pthread_self())"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        precondition(descriptor >= 0, "no file in memory")
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            precondition(count > 0, "no file in memory")
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        body(path)
        unlink(path)
    }

    /// Ends a decode that has shown enough.
    private struct Enough: Error {}

    /// Frames of a track and tracks of a file that are decoded.
    private static let most = (frames: 64_000, tracks: 4)

    private static func decode(_ bytes: [UInt8]) {
        withFile(bytes) { path in
            guard let recording = try? RecordingDecoder(path: path) else { return }
            precondition(!recording.tracks.isEmpty && recording.tracks.allSatisfy(\.isCredible), "a track is nonsense")
            precondition(recording.omitted.allSatisfy(\.isCredible), "a track that is left out is nonsense")
            for track in recording.tracks.prefix(most.tracks) {
                var frames = 0
                let summary = try? recording.decode(track: track.index, sampleRate: 16_000) { block in
                    precondition(block.channelCount == track.deliveredChannels, "channels come and go")
                    for channel in 0..<block.channelCount {
                        let isSound = block[channel: channel].allSatisfy { abs($0) <= SampleScratch.largestDelivered }
                        precondition(isSound, "a sample is none")
                    }
                    frames += block.frameCount
                    if frames > most.frames { throw Enough() }
                }
                if let summary { precondition(summary.decodedFrames == frames, "frames are lost") }
            }
        }
    }

    private static func layout(_ bytes: [UInt8]) {
        withFile(bytes) { path in
            guard let source = try? ByteSource(path: path) else { return }
            for start in [Int64(0), 7] {
                for patch in (try? MP4Layout(source: source, at: start))?.tracks.flatMap(\.patches) ?? [] {
                    precondition(patch.offset >= 0, "a place before the file")
                }
                _ = try? RIFFLayout(wave: source, at: start)
                _ = try? RIFFLayout(avi: source, at: start)
            }
            _ = try? ContainerJudge.judge(source)
        }
    }

    /// Bytes that fit into a socket without a reader.
    private static let mostTalk = 60_000

    private static func talk(_ bytes: [UInt8]) {
        guard let first = bytes.first, let ends = try? ChildProcess.socketPair() else { return }
        defer { close(ends.ours) }
        let rest = Array(bytes.dropFirst().prefix(mostTalk))
        _ = rest.withUnsafeBytes { send(ends.theirs, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        shutdown(ends.theirs, Int32(SHUT_WR))
        defer { close(ends.theirs) }
        let talk = DecoderTalk(channel: WorkerChannel(descriptor: ends.ours), path: "a/b.wav")
        if first & 1 == 0, let file = try? talk.open() {
            precondition(!file.tracks.isEmpty && file.tracks.allSatisfy(\.isCredible), "a track is nonsense")
        }
        let channels = 0..<Int(first >> 1 & 3) + 1
        _ = try? talk.decode(track: 0, channels: channels, sampleRate: 16_000) { block in
            precondition(block.channelCount == channels.count && block.frameCount > 0, "a block is none")
        }
    }

    // MARK: Marking

    private static func ticket(_ bytes: [UInt8]) {
        guard let ticket = try? Ticket(parsing: bytes) else { return }
        precondition(ticket.serialized() == bytes, "a ticket changes by being read")
    }

    /// Takes numbers from the front of the input.
    private struct Numbers {
        var bytes: ArraySlice<UInt8>

        mutating func next<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
            var value: Value = 0
            for _ in 0..<MemoryLayout<Value>.size {
                value = value << 8 | Value(truncatingIfNeeded: bytes.popFirst() ?? 0)
            }
            return value
        }

        /// Mostly what can be, now and then any bits.
        mutating func double(_ sensible: [Double]) -> Double {
            let choice = Int(next(UInt8.self))
            return choice < 16 ? Double(bitPattern: next(UInt64.self)) : sensible[choice % sensible.count]
        }
    }

    private static let rates = [48_000.0, 8_000, 192_000, 44_100, 16_000, 11_025.5]

    private static func library(_ bytes: [UInt8]) {
        var numbers = Numbers(bytes: bytes[...])
        var config = earmark_config()
        config.size = numbers.next(UInt8.self) < 250 ? MemoryLayout<earmark_config>.size : numbers.next(Int.self)
        config.sample_rate = numbers.double(rates)
        config.channels = UInt32(numbers.next(UInt8.self))
        if config.channels > 9 { config.channels %= 9 }
        config.strength = earmark_strength(rawValue: UInt32(numbers.next(UInt8.self) & 3))
        config.role = earmark_role(rawValue: UInt32(numbers.next(UInt8.self) & 3))
        config.time = numbers.double([0, 1, 100.25, 86_400])
        let frames = Int(numbers.next(UInt16.self) % 5_000)
        let scale = Float(bitPattern: numbers.next(UInt32.self))
        let move = numbers.double([0, 5, 1e6])
        let ticket = Array(numbers.bytes)
        var embedder: OpaquePointer?
        guard earmark_create(&embedder, ticket, ticket.count, &config) == EARMARK_OK, let embedder else {
            precondition(embedder == nil, "an embedder that was refused")
            return
        }
        defer { earmark_destroy(embedder) }
        let channels = Int(config.channels)
        var samples = (0..<frames * channels).map { scale * sinf(Float($0) * 0.37) }
        let given = samples
        for _ in 0..<3 {
            _ = earmark_process_float(embedder, &samples, frames)
            _ = earmark_set_time(embedder, move)
        }
        for (before, after) in zip(given, samples) where abs(before) <= 1 {
            precondition(abs(after) <= 1.0001, "a sample beyond full scale")
        }
        var counters = earmark_counters()
        let status = earmark_get_counters(embedder, &counters)
        precondition(status == EARMARK_OK && counters.frames_marked <= counters.frames, "frames that were never there")
    }

    // MARK: Texts

    private static func manifest(_ bytes: [UInt8]) {
        for form in [Manifest.Form.csv, .ndjson, .paths, Manifest.Form(content: bytes)] {
            for row in (try? Manifest.parse(bytes, form: form, source: "list")) ?? [] {
                precondition(!row.file.isEmpty, "a row without a file")
            }
        }
    }

    private static func keys(_ bytes: [UInt8]) {
        guard let file = try? KeyFile(parsing: bytes, path: "k"), let written = try? file.serialized() else { return }
        precondition((try? KeyFile(parsing: written, path: "k")) != nil, "a key file that was written is not read")
    }

    private static func answer(_ bytes: [UInt8]) {
        _ = try? JSONDecoder().decode(Answer.self, from: Data(bytes))
        guard let line = try? BatchLine.parse(bytes, number: 1, path: "r"), let written = try? line.serialized() else {
            return
        }
        let again = try? BatchLine.parse(written.dropLast(), number: 1, path: "r").serialized()
        precondition(again == written, "a line changes by being read")
    }

    /// The first byte says how much is the signature, the next how much is the report; the rest is the key.
    private static func signature(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return }
        let signature = bytes.dropFirst(2).prefix(Int(bytes[0]))
        let report = bytes.dropFirst(2 + signature.count).prefix(Int(bytes[1]))
        let key = String(decoding: bytes.dropFirst(2 + signature.count + report.count), as: UTF8.self)
        _ = try? ReportSignature.isValid(Array(signature), of: Array(report), publicKeyPEM: key)
    }
}
