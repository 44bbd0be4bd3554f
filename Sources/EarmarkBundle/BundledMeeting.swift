package import EarmarkFiles
package import EarmarkMark
package import EarmarkStore

/// A meeting in a bundle: what a search compares is read at once, its clients when they are asked for.
///
/// Holds secrets; the description shows none.
package struct BundledMeeting: Sendable, CustomStringConvertible {
    /// Identifier.
    package let id: MeetingID
    /// Second 0 of its timeline.
    package let startsAt: Timestamp
    /// Planned length, seconds.
    package let durationSeconds: Int64
    /// The seeds that all its clients share.
    package let sharedSeeds: SharedSeeds
    /// What decoys are drawn from.
    package let decoySeed: Seed
    /// Clients that can carry a mark.
    package let markable: Int
    /// The clients' block.
    private let clients: ArraySlice<UInt8>

    /// No secret.
    package var description: String { "BundledMeeting(\(id), redacted)" }

    /// How a client's tag is written.
    private enum TagForm {
        static let none: UInt8 = 0
        static let always: UInt8 = 1
        static let since: UInt8 = 2
        static let unsaid: UInt8 = 3
        /// Set beside them if an analysis has heard the tag.
        static let heard: UInt8 = 0x80
    }

    /// The bytes of a meeting.
    static func bytes(_ subject: AnalysisSubject) -> [UInt8] {
        var writer = BundleWriter()
        writer.add(subject.meeting.id.text)
        writer.add(subject.meeting.startsAt.seconds)
        writer.add(subject.meeting.durationSeconds)
        writer.add(subject.sharedSeeds.pilot)
        writer.add(subject.sharedSeeds.timeline)
        writer.add(subject.decoySeed)
        writer.add(UInt32(subject.candidates.count { $0.isMarkable }))
        for client in subject.candidates {
            writer.add(client.clientID.text)
            writer.add(client.kind.rawValue)
            writer.add(client.identitySeed)
            let heard = client.isTagHeard ? TagForm.heard : 0
            guard let tag = client.tag else {
                writer.add(TagForm.none | heard)
                continue
            }
            let form = tag.since.isFinite ? TagForm.since : tag.since < 0 ? TagForm.always : TagForm.unsaid
            writer.add(form | heard)
            writer.add(tag.seed)
            if tag.since.isFinite { writer.add(Int64(tag.since)) }
        }
        return writer.bytes
    }

    init(_ bytes: ArraySlice<UInt8>) throws(BundleError) {
        var reader = BundleReader(bytes)
        id = MeetingID(try reader.text())
        startsAt = Timestamp(seconds: try reader.number())
        durationSeconds = try reader.number()
        sharedSeeds = SharedSeeds(pilot: try reader.seed(), timeline: try reader.seed())
        decoySeed = try reader.seed()
        markable = try reader.count()
        clients = reader.rest
    }

    /// The clients, in the order in which they were enrolled, without names.
    package func candidates() throws(BundleError) -> [SeededClient] {
        var reader = BundleReader(clients)
        var candidates: [SeededClient] = []
        while !reader.isAtEnd { candidates.append(try Self.client(&reader)) }
        guard candidates.count(where: \.isMarkable) == markable else {
            throw BundleError(.malformed, "the bundle counts other clients than it holds: it is damaged")
        }
        return candidates
    }

    private static func client(_ reader: inout BundleReader) throws(BundleError) -> SeededClient {
        let id = ClientID(try reader.text())
        guard let kind = ClientKind(rawValue: try reader.text()) else {
            throw BundleError(.tooNew, "the bundle holds a kind of client that this version does not know")
        }
        let identity = try reader.seed()
        let form = try reader.byte()
        let tag: MicrophoneTag?
        switch form & ~TagForm.heard {
        case TagForm.none: tag = nil
        case TagForm.always: tag = MicrophoneTag(seed: try reader.seed())
        case TagForm.unsaid: tag = MicrophoneTag(seed: try reader.seed(), since: .infinity)
        case TagForm.since:
            let seed = try reader.seed()
            tag = MicrophoneTag(seed: seed, since: Double(try reader.number()))
        default: throw BundleError(.tooNew, "the bundle holds a form of tags that this version does not know")
        }
        return SeededClient(
            nameless: id, kind: kind, identitySeed: identity, tag: tag, isTagHeard: form & TagForm.heard != 0)
    }
}
