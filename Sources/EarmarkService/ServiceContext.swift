public import EarmarkAnswer
import EarmarkFiles
public import EarmarkMedia
public import EarmarkStore

/// What a service depends on beside its store: given by the front end, and nothing of it shared by a whole process.
public struct ServiceContext: Sendable {
    /// Decodes recordings in a process without rights; nil decodes in this one, which should be done to trusted files
    /// only.
    public var decoder: DecoderWorker?
    /// Who acts, as the audit log names it.
    public var actor: AuditActor
    /// Tells the time.
    public var clock: Store.Clock
    /// Files with persons' shares of split meeting keys; this service alone uses them.
    public var shares: [String]
    /// Words a hint for the answer, where the front end knows what else could be done; nil leaves it out.
    public var word: @Sendable (Hint) -> String?
    /// The program that analyses, as it is stored with each answer.
    public var build: @Sendable () -> AnswerEvidence.Build
    /// Tells the user of what stops nothing and must not go unseen.
    public var warn: @Sendable (String) -> Void

    /// Bundles the parts.
    public init(
        decoder: DecoderWorker?, actor: AuditActor = .processUser,
        clock: @escaping Store.Clock = Store.systemClock, shares: [String] = [],
        word: @escaping @Sendable (Hint) -> String? = { _ in nil },
        build: @escaping @Sendable () -> AnswerEvidence.Build = { .thisProgram },
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.warn = warn
        self.decoder = decoder
        self.actor = actor
        self.clock = clock
        self.shares = shares
        self.word = word
        self.build = build
    }
}

/// What else could be tried.
public enum Hint: Sendable, Equatable {
    /// Nothing of the meeting was found, and the organisation has others that could be searched.
    case otherMeetings
}
