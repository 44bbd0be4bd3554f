extension Answer {
    /// What the store's records have against a recording at the endpoint that is named: it speaks for whoever is
    /// accused.
    public struct Objection: Codable, Equatable, Sendable {
        /// What they have.
        public enum Kind: String, Codable, Sendable, CaseIterable {
            /// A ticket of the endpoint was revoked: whoever holds it can make its mark.
            case ticketRevoked = "ticket-revoked"
            /// By its presences, the endpoint was not in the meeting when the mark says that it played.
            case notPresent = "not-present"
            /// By the mark's clock it would be played after the analysis.
            case playedLater = "played-later"
            /// Audio was marked as this endpoint with the store's keys, by the audit log.
            case markedHere = "marked-here"

            /// Whether it contradicts a recording there, and not only opens another way.
            public var contradicts: Bool { self != .markedHere }
        }

        /// What they have.
        public let kind: Kind
        /// The same in a sentence without its full stop, names left out.
        public let text: String

        /// Bundles the parts.
        public init(kind: Kind, text: String) {
            self.kind = kind
            self.text = text
        }
    }

    /// What contradicts, of those who are named.
    public var contradictions: [Objection] {
        sources.filter { $0.verdict == .identified }.flatMap { $0.objections ?? [] }.filter(\.kind.contradicts)
    }
}
