public import ArgumentParser
import EarmarkConsole
import EarmarkEmbed
import EarmarkFiles
public import EarmarkMark
import EarmarkMedia
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

extension Strength: ExpressibleByArgument {}

/// The command `earmark embed`.
struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Mark a file as a client would mark what it plays, or what its microphone sends.",
        discussion: """
            IN is WAV, FLAC, AIFF, CAF, W64 or RF64 (8 to 192 kHz, 1 to 8 channels); any other audio or video is \
            decoded through FFmpeg. OUT has the same rate, channels, length and, where its type can hold it, sample \
            format and metadata. OUT is replaced if it exists, but never IN, by whatever link. The share of it that \
            carries the mark is told, with a warning below a tenth: silence, noise floors and what has nothing above \
            300 Hz carry none. What OUT lacks of IN, or has otherwise than players show it, is told.

              earmark embed clean.wav marked.wav --ticket ada.ticket
              earmark embed clean.wav marked.wav --meeting Board \\
                --client ada@example.org --at 754.2
              earmark embed talk.mp4 marked.wav --ticket ada.ticket --strength robust
              earmark embed spoken.wav sent.wav --ticket ada.ticket --microphone
            """)

    @Argument(help: ArgumentHelp("The clean audio.", valueName: "in"), completion: .file())
    var input: String

    @Argument(help: ArgumentHelp("Where to write the marked audio; replaced if it exists.", valueName: "out"))
    var output: String

    @Option(help: ArgumentHelp("The client's ticket.", valueName: "file"), completion: .file())
    var ticket: String?

    @Option(
        name: .shortAndLong, help: "The meeting, if no ticket is given: title, identifier or 'latest'.",
        completion: Named.meetings)
    var meeting: String?

    @Option(help: "The client, if no ticket is given: e-mail, participant or identifier.", completion: Named.clients)
    var client: String?

    @Option(
        help: ArgumentHelp(
            "Meeting time of the first sample: \(MeetingTimeArgument.forms). (default: its start)", valueName: "offset")
    )
    var at: MeetingTimeArgument?

    @Option(help: "How strongly to mark: transparent, standard or robust.")
    var strength = Strength.standard

    @OptionGroup var organisationOption: OrganisationOption
    @OptionGroup var stream: MicrophoneFlag
    @OptionGroup var revocations: RevocationOption
    @OptionGroup var progress: ProgressOption
    @OptionGroup var storeOptions: KeyedStoreOptions
    @OptionGroup var json: JSONFlag

    mutating func validate() throws {
        let byTicket = ticket != nil && meeting == nil && client == nil
        let byStore = ticket == nil && meeting != nil && client != nil
        guard byTicket || byStore else { throw ValidationError("Give --ticket, or --meeting and --client.") }
    }

    func run() throws {
        let (seeds, warning) = try markSeeds()
        let start = at?.seconds ?? 0
        let source = try PCMInput.open(path: input)
        let rate = Double(source.format.sampleRate)
        let progress = progress.start("marking", total: source.format.frames.map { Double($0) / rate }, unit: "s")
        let marker = FileMarker(seeds: seeds, strength: strength, role: stream.role, startSeconds: start)
        let summary = try marker.mark(source, to: output) { progress.update(Double($0) / rate) }
        progress.finish()
        let view = EmbedView(
            input: input, output: output, seconds: summary.seconds, frames: summary.frames,
            sampleRate: summary.format.sampleRate, channels: summary.format.channels, strength: strength.rawValue,
            microphone: stream.microphone, at: start, markedShare: summary.coverage.share,
            warnings: [warning, summary.coverage.warning].compactMap { $0 } + source.warnings)
        for warning in view.warnings { Output.message("earmark: warning: \(warning)") }
        try json.print(["embedded": view], human: view.text)
    }

    /// The seeds, and what is to be said of the ticket that has them.
    private func markSeeds() throws -> (MarkSeeds, warning: String?) {
        if let ticket {
            let content = try TicketFile.read(ticket)
            let isRevoked = try revocations.isRevoked(content, by: storeOptions)
            // Without --at the clock judges, as for 'ticket status'; the file may well be of another time.
            try content.requireUsable(at: at?.seconds ?? 0, isRevoked: isRevoked)
            let problem = at == nil ? content.problem(at: nil, isRevoked: false) : nil
            return (content.seeds, problem.map { $0 + "; it was marked as of the meeting's start" })
        }
        guard let meeting, let client else { throw ValidationError("Give --ticket, or --meeting and --client.") }
        let store = try storeOptions.open()
        let chosen = try organisationOption.filter(in: store)
        let id = try store.meeting(try store.meetingID(named: meeting, in: chosen), in: chosen).id
        let found = try store.client(named: client, inMeeting: id)
        return (try store.markSeeds(meeting: found.meetingID, client: found.id.text), nil)
    }
}

/// What was marked.
private struct EmbedView: Encodable {
    let input: String
    let output: String
    let seconds: Double
    let frames: Int64
    let sampleRate: Int
    let channels: Int
    let strength: String
    let microphone: Bool
    let at: Double
    let markedShare: Double?
    let warnings: [String]

    var text: String {
        Table.list([
            "marked": output, "length": String(format: "%.1f s", seconds),
            "format": "\(sampleRate) Hz, \(channels) channel\(channels == 1 ? "" : "s")", "strength": strength,
            "audio": microphone ? "what the microphone sends" : "what is played",
            "meeting time": String(format: "%.3f s", at),
            "carries the mark": markedShare.map { "\(Int(100 * $0)) % of it" },
        ])
    }
}
