package import EarmarkFiles
import EarmarkOutput
package import EarmarkStore

/// Commands that are printed to be pasted: they name the store and organisation that the command line named.
package struct NextCommand {
    private let storeWords: String
    private let organisationWords: String

    /// For a command line with these values of `--store` and `--org`; nil where it had none.
    package init(store: String?, organisation: String?) {
        storeWords = store.map { " --store " + FilePath.shellWord($0) } ?? ""
        organisationWords = organisation.map { " --org " + OutputText.shellWord($0) } ?? ""
    }

    /// What writes the report of a stored analysis, which its identifier alone names.
    package func report(_ id: AnalysisID) -> String { "earmark report \(id) -o report.html\(storeWords)" }

    /// What is wrong with a report of a stored analysis, and what writes it all the same.
    package func afterFailure(_ problem: String, of id: AnalysisID) -> String {
        "\(problem); the answer is stored, and this writes its report: \(report(id))"
    }

    /// Says of a meeting whose tags are off that what is noted of a client's microphone has no effect.
    package func warning(ofTagsOffIn meeting: Meeting) -> String {
        "earmark: warning: the microphone tags of meeting \(meeting.mention) are off, and this has no effect before "
            + "they are on: earmark meeting edit \(meeting.id) --microphone-tags on\(storeWords)"
    }

    /// What analyses all in a folder; nil searches all meetings.
    func batch(_ folder: String, meeting: String?) -> String {
        let subject = meeting.map { "--meeting \(OutputText.shellWord($0))" } ?? "--any-meeting"
        return "earmark batch \(FilePath.shellWord(folder)) \(subject) --out results.ndjson"
            + storeWords + organisationWords
    }
}
