import EarmarkReport
package import EarmarkService

extension AnalysisListing {
    /// Analyses for people.
    package static func table(_ listings: [AnalysisListing]) -> String {
        var table = Table("ANALYSIS", "DATE", "VERDICT", "WHO", "CHANCE", "MEETING", "FILE", "NAME")
        for listing in listings {
            table.add(
                listing.summary.id, listing.summary.date, listing.summary.resultText,
                listing.who.isEmpty ? "-" : listing.who,
                listing.log10FalseAccusation.map { PowerText.text(log10: $0) } ?? "-",
                listing.meetingTitle ?? listing.summary.meeting, listing.summary.file,
                listing.summary.name.isEmpty ? "-" : listing.summary.name)
        }
        return table.text
    }
}
