package import EarmarkAnswer
package import EarmarkFiles
import Foundation
import Logging

/// What happens in a process, for those who run it: events without personal data.
///
/// Events name meetings, analyses and bundles by identifier and recordings by digest; no person, path, title, note, nor
/// the words of a message, which may hold any of these.
package struct EventLog: Sendable {
    private let logger: Logger

    private init(_ logger: Logger) { self.logger = logger }

    /// A log that takes nothing.
    package static let none = EventLog(Logger(label: label) { _ in SwiftLogNoOpLogHandler() })

    private static let label = "earmark"

    /// A log to `destination`, each event of which names the `verb`, this process and the build.
    ///
    /// - Parameter reserved: files of the program's own, which are no log.
    /// - Throws: as `LogDestination.opened`.
    package init(
        _ destination: LogDestination, verb: String, version: String, reserved: [String]
    ) throws(FileError) {
        let sink = try destination.opened(reserved: reserved)
        var logger = Logger(label: EventLog.label) { _ in JSONLogHandler(sink) }
        logger[metadataKey: "verb"] = .string(verb)
        logger[metadataKey: "pid"] = .stringConvertible(Int(ProcessInfo.processInfo.processIdentifier))
        logger[metadataKey: "version"] = .string(version)
        self.logger = logger
    }

    /// A command begins; whether its decoders are confined.
    package func started(isConfined: Bool) {
        logger.info("started", metadata: ["decoders": .string(isConfined ? "confined" : "unconfined")])
    }

    /// A command ends.
    ///
    /// - Parameters:
    ///   - status: its exit status.
    ///   - seconds: how long it took.
    package func ended(status: Int32, seconds: Double) {
        logger.log(
            level: status == 0 ? .info : .error, "ended",
            metadata: [
                "status": .stringConvertible(Int(status)),
                "seconds": .stringConvertible((seconds * 1_000).rounded() / 1_000),
            ])
    }

    /// A recording was analysed or refused.
    ///
    /// - Parameters:
    ///   - outcome: what came of it.
    ///   - place: which one it is, from 1: of a batch by the order in which they were done, of a run by the plan; nil
    ///     where there is one.
    package func recording(_ outcome: FileOutcome, place: Int? = nil) {
        let all = [outcome] + (outcome.further ?? [])
        let answers = all.compactMap(\.answer)
        var metadata: Logger.Metadata = ["result": .string(outcome.result.name)]
        if let condition = outcome.condition.text { metadata["condition"] = .string(condition) }
        if let place { metadata["place"] = .stringConvertible(place) }
        if let refusal = outcome.refusal { metadata["refusal"] = .string(refusal.code) }
        let identifiers = all.compactMap { $0.id?.text }
        if !identifiers.isEmpty { metadata["analyses"] = .array(identifiers.map { .string($0) }) }
        if let file = outcome.answer?.file {
            metadata["sha256"] = .string(file.sha256)
            metadata["recordingSeconds"] = .stringConvertible(file.seconds)
        }
        let meetings = answers.compactMap { $0.meeting?.id.text }
        if !meetings.isEmpty { metadata["meetings"] = .array(meetings.map { .string($0) }) }
        logger.log(level: outcome.refusal == nil ? .info : .warning, "recording", metadata: metadata)
    }

    /// An input of a run cannot be had, now.
    ///
    /// - Parameter place: which one, from 1 in the plan.
    package func lost(place: Int) {
        logger.warning("lost", metadata: ["place": .stringConvertible(place)])
    }

    /// Meetings were purged.
    ///
    /// - Parameters:
    ///   - meetings: their identifiers; none is no event.
    ///   - bundles: bundles that carry on what was purged.
    package func purged(_ meetings: [MeetingID], bundles: [BundleID] = []) {
        guard !meetings.isEmpty else { return }
        var metadata: Logger.Metadata = ["meetings": .array(meetings.map { .string($0.text) })]
        if !bundles.isEmpty { metadata["bundlesOut"] = .array(bundles.map { .string($0.text) }) }
        logger.notice("purged", metadata: metadata)
    }
}
