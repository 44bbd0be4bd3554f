/// Numbers of things as people say them.
package enum Counted {
    /// `1 meeting`, `2 meetings`; `plural` for words that take another ending than s.
    package static func text(_ count: some BinaryInteger, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}
