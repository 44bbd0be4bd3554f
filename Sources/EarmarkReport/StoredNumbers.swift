import EarmarkAnswer

extension Double {
    /// Far beyond every time and exponent that is shown, and exact.
    private static let farthest = 1e15

    /// The whole number towards zero, for what is stored and may be anything: no number ends the program.
    var clamped: Int { isNaN ? 0 : Int(Swift.min(Swift.max(self, -Double.farthest), Double.farthest)) }
}

extension AnswerEvidence.Decoys {
    /// How many decoys there are; the largest number where that is more.
    var total: Int {
        counts.reduce(0) { sum, count in
            let (more, isOver) = sum.addingReportingOverflow(count)
            return isOver ? .max : more
        }
    }
}
