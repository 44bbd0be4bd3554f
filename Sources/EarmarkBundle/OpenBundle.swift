import Crypto
package import EarmarkFiles
import EarmarkMark
package import EarmarkStore
import Foundation

/// A bundle that was opened: all that an analysis of its meetings needs, and no name.
///
/// Holds secrets; the description shows none.
package struct OpenBundle: Sendable, CustomStringConvertible {
    /// What anybody can read of it.
    package let header: BundleHeader
    /// What was sealed beside the meetings.
    package let terms: BundleTerms
    /// The meetings, by start for a search, else as they were named.
    package let meetings: [BundledMeeting]
    /// Signs lines.
    package let signer: LineSigner
    private let places: [MeetingID: Int]

    init(
        _ header: BundleHeader, _ terms: BundleTerms, _ meetings: [BundledMeeting]
    ) throws(BundleError) {
        guard terms.profile == MarkProfile.inForce.rawValue else {
            throw BundleError(.tooNew, "the bundle is for marks of profile \(terms.profile): use the same version")
        }
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: terms.workerKey) else {
            throw BundleError(.malformed, "the bundle's signing key is none: it is damaged")
        }
        self.header = header
        self.terms = terms
        self.meetings = meetings
        signer = LineSigner(bundle: header.bundle, key: key)
        places = meetings.enumerated().reduce(into: [:]) { $0[$1.element.id] = $1.offset }
    }

    /// No secret.
    package var description: String { "OpenBundle(\(header.bundle), redacted)" }

    /// The organisation, without its name.
    package var organisation: Organisation { Organisation(nameless: terms.organisation, settings: terms.settings) }

    /// The only meeting of a bundle that does not search; nil if there are several.
    package var onlyMeeting: MeetingID? { !header.search && meetings.count == 1 ? meetings[0].id : nil }

    /// Whether the bundle holds a meeting.
    package func holds(_ id: MeetingID) -> Bool { places[id] != nil }

    /// The meeting whose identifier `reference` is, or begins.
    ///
    /// - Throws: `nothingHeld` with what the bundle holds, if that is none or several of its meetings.
    package func meetingID(named reference: String) throws(BundleError) -> MeetingID {
        let name = reference.lowercased()
        let found = meetings.map(\.id).filter { $0.text == name || (name.hasPrefix("m_") && $0.text.hasPrefix(name)) }
        if let first = found.first, found.count == 1 { return first }
        let shown = meetings.prefix(Self.shownMeetings).map(\.id.text).joined(separator: ", ")
        throw BundleError(
            .nothingHeld,
            "bundle '\(header.bundle)' does not hold \(found.isEmpty ? "meeting" : "one meeting alone called") "
                + "'\(reference)', and knows no titles; it holds \(shown)"
                + (meetings.count > Self.shownMeetings ? " and others" : ""))
    }

    /// Meetings that a refusal names.
    private static let shownMeetings = 10

    /// A meeting with its clients, without names.
    ///
    /// - Throws: `nothingHeld` if the bundle does not hold it.
    package func subject(_ id: MeetingID) throws(BundleError) -> AnalysisSubject {
        guard let place = places[id] else {
            throw BundleError(.nothingHeld, "bundle '\(header.bundle)' does not hold meeting '\(id)'")
        }
        let meeting = meetings[place]
        return AnalysisSubject(
            nameless: id, organisationID: terms.organisation, startsAt: meeting.startsAt,
            durationSeconds: meeting.durationSeconds, expiresAt: header.expires, settings: terms.settings,
            sharedSeeds: meeting.sharedSeeds, decoySeed: meeting.decoySeed, candidates: try meeting.candidates())
    }
}
