package import EarmarkAnswer

/// What a batch tells of its progress.
package struct BatchEvent: Sendable {
    /// The file, as it was named or found.
    package let path: String
    /// What came of it.
    package let outcome: FileOutcome
    /// Whether a line was written for it; false if its line was there already.
    package let isNew: Bool
}
