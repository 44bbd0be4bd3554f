import ArgumentParser
import EarmarkConsole
import EarmarkEmbed
import EarmarkFiles
import EarmarkLive
import EarmarkMark
import EarmarkService
import EarmarkWords
import Foundation

/// The command `earmark filter`.
struct FilterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filter", abstract: "Mark PCM from standard input to standard output, as it comes.",
        discussion: """
            As many bytes come out as go in, and none is held back once its frame is whole. --format takes FFmpeg's \
            names: f32le, f64le, s16le, s24le, s32le and their big-endian forms, u8, s8; or wav, whose header tells \
            rate and channels.

              ffmpeg -i talk.mp4 -f s16le -ar 48000 -ac 2 - | earmark filter \\
                --ticket ada.ticket --at 754.2 \\
                --rate 48000 --channels 2 --format s16le | aplay -f S16_LE -r 48000 -c 2
              ffmpeg -v error -i talk.mp4 -f wav - | earmark filter --ticket ada.ticket \\
                --at 0 --format wav > marked.wav
              parec --rate 48000 --channels 1 --format s16le | earmark filter \\
                --ticket ada.ticket --rate 48000 | pacat

            Without --at, the meeting's time is that of the system's clock when the first sample comes, and when \
            sound comes again after the stream stood still. If less than a tenth of the stream could carry the mark, \
            a warning on standard error says so at its end.

            \(FilterWords.ends)
            """)

    @Option(help: ArgumentHelp("The client's ticket.", valueName: "file"), completion: .file())
    var ticket: String

    @Option(help: ArgumentHelp("Sample rate, 8000 to 192000 (not with wav).", valueName: "hertz"))
    var rate: Double?

    @Option(help: ArgumentHelp("Channels, 1 to 8 (not with wav; otherwise 1).", valueName: "count"))
    var channels: Int?

    @Option(help: ArgumentHelp("How samples lie in the stream: a name of FFmpeg's, or wav.", valueName: "name"))
    var format = "s16le"

    @Option(help: ArgumentHelp("Meeting time of the first sample: \(MeetingTimeArgument.forms).", valueName: "offset"))
    var at: MeetingTimeArgument?

    @Option(help: "How strongly to mark: transparent, standard or robust.")
    var strength = Strength.standard

    @OptionGroup var stream: MicrophoneFlag
    @OptionGroup var revocations: RevocationOption

    @Flag(help: "When the stream ends, say on standard error how much of it was marked.")
    var stats = false

    @OptionGroup var storeOptions: StoreOptions

    mutating func validate() throws {
        guard format == "wav" || RawFormat(rawValue: format) != nil else {
            let names = RawFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--format must be wav or one of \(names).")
        }
        if format == "wav" {
            guard rate == nil, channels == nil else {
                throw ValidationError(
                    "A wav stream tells its rate and channels itself: leave out --rate and --channels.")
            }
        } else {
            guard let rate else { throw ValidationError("--rate is needed.") }
            guard Embedder.sampleRates.contains(rate) else { throw ValidationError("--rate must be 8000 to 192000.") }
            guard Embedder.channelCounts.contains(channels ?? 1) else {
                throw ValidationError("--channels must be 1 to 8.")
            }
        }
    }

    func run() throws {
        let ticket = try TicketFile.read(ticket)
        // What can be refused is refused before anything is read or written.
        try ticket.requireUsable(at: at?.seconds, isRevoked: revocations.isRevoked(ticket, by: storeOptions))
        var stream = try ByteStream()
        var pending: [UInt8] = []
        guard var session = try begin(ticket, &stream, &pending) else { return }
        try session.run(&stream, &pending)
        if stats { Output.message(FilterCommand.statistics(session)) }
        if let warning = session.coverage.warning { Output.message("earmark: warning: \(warning)") }
    }

    /// Starts the stream with its first bytes; nil if there were none.
    private func begin(
        _ ticket: Ticket, _ stream: inout ByteStream, _ pending: inout [UInt8]
    ) throws -> StreamFilter? {
        if let raw = RawFormat(rawValue: format), let rate {
            guard try stream.read(into: &pending) else {
                if stats { Output.message("0.000 s, 0.000 s marked, 0.000 s silent") }
                return nil
            }
            return try StreamFilter(
                embedder: embedder(ticket, rate, channels ?? 1), format: raw, limit: nil, followsClock: at == nil)
        }
        while try stream.read(into: &pending) {
            switch WAVHeader.parse(pending) {
            case .incomplete: continue
            case .unsupported(let reason): throw CommandError(.unsupportedType, reason)
            case .header(let header):
                let embedder = try embedder(ticket, Double(header.sampleRate), header.channels)
                guard try stream.write(pending[..<header.byteCount]) else { return nil }
                pending.removeFirst(header.byteCount)
                return StreamFilter(
                    embedder: embedder, format: header.format, limit: header.dataBytes, followsClock: at == nil)
            }
        }
        throw CommandError(.truncated, "standard input ends within the WAV header")
    }

    private func embedder(_ ticket: Ticket, _ rate: Double, _ channels: Int) throws -> LiveEmbedder {
        let position = at.map { LiveEmbedder.Position.meeting($0.seconds) } ?? .clock(WallClock.now)
        do throws(LiveError) {
            return try LiveEmbedder(
                ticket: ticket,
                parameters: .init(sampleRate: rate, channels: channels, strength: strength, role: stream.role),
                position: position)
        } catch {
            throw CommandError(.invalidInput, "\(error.message)")
        }
    }

    /// How much of a stream was marked, for people.
    private static func statistics(_ session: borrowing StreamFilter) -> String {
        let rate = session.parameters.sampleRate
        let counters = session.counters
        func seconds(_ frames: Int64) -> String { String(format: "%.3f s", Double(frames) / rate) }
        return "\(seconds(counters.frames)), \(seconds(counters.framesMarked)) marked, "
            + "\(seconds(counters.framesSilent)) silent"
    }
}
