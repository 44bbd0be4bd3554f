/// Which of a client's two audio streams is marked.
public enum MarkRole: Int32, Sendable, CaseIterable {
    /// What the client plays out: pilot, timeline and the client's identity, all that finds a recording's recorder.
    case playout = 0
    /// What the client's microphone sends, after echo cancelling and before encoding: the *tag*, in identity cells
    /// alone and weaker.
    ///
    /// An echo of what the client played comes with its tag; what the client records of others never does, because
    /// nobody is sent his own microphone. A tag needs no pilot: it is looked for only where the same client's playout
    /// mark was found.
    case microphone = 1
}

extension Strength {
    /// Depth of a tag relative to that of the playout mark at the same strength.
    ///
    /// A tag does not pass the room as the mark in an echo does: at this share the two are heard about equally well
    /// (docs/signal-design.md, "Microphone tags").
    private static let tagShare = 0.4

    /// Factor on the depth of every band for audio of `role`; no tag is weaker than a transparent mark.
    public func dial(_ role: MarkRole) -> Double {
        switch role {
        case .playout: dial
        case .microphone: max(Strength.transparent.dial, Strength.tagShare * dial)
        }
    }
}

/// What a client's microphone sends in a meeting.
public struct MicrophoneTag: Sendable, Equatable {
    /// Seed of the tag's signs.
    public let seed: Seed
    /// Meeting time from which on the client is known to tag, seconds; minus infinity if it does so all the time, and
    /// infinity if nobody said that it does.
    public let since: Double

    /// Bundles the two.
    public init(seed: Seed, since: Double = -.infinity) {
        self.seed = seed
        self.since = since
    }
}
