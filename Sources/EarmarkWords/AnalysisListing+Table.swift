import EarmarkReport
package import EarmarkService
package import Foundation

extension AnalysisListings {
    /// How a list is written.
    package enum Form: Sendable {
        /// For people.
        case table
        /// As comma-separated values.
        case csv
        /// As JSON.
        case json
    }

    /// Bytes that are written at a time, at least.
    private static let chunk = 1 << 16

    /// Writes the list piece by piece.
    ///
    /// - Throws: what `write` and `forEach` throw.
    package func write(_ form: Form, to write: (Data) throws -> Void) throws {
        var pending = Data()
        func add(_ data: Data) throws {
            pending += data
            guard pending.count >= Self.chunk else { return }
            try write(pending)
            pending.removeAll(keepingCapacity: true)
        }
        switch form {
        case .csv:
            try add(Data(AnalysisListing.csvHeader.utf8))
            try forEach { try add(Data($0.csvRow.utf8)) }
        case .json:
            var list = PublishedList("analyses")
            try add(list.opening)
            try forEach { try add(list.element($0)) }
            try add(list.closing)
        case .table:
            var table = LongTable("ANALYSIS", "DATE", "VERDICT", "WHO", "CHANCE", "MEETING", "FILE", "NAME")
            try forEach { table.measure($0.cells) }
            try add(Data(table.header.utf8))
            try forEach { try add(Data(table.line($0.cells).utf8)) }
        }
        try write(pending)
    }
}

extension AnalysisListing {
    /// An analysis for people.
    fileprivate var cells: [String] {
        [
            summary.id, summary.date, summary.resultText, who.isEmpty ? "-" : who,
            log10FalseAccusation.map { PowerText.text(log10: $0) } ?? "-", meetingTitle ?? summary.meeting,
            summary.file, summary.name.isEmpty ? "-" : summary.name,
        ]
    }
}
