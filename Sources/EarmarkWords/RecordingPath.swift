import EarmarkFiles
import EarmarkOutput
import Glibc

/// What people name in place of a recording.
package enum RecordingPath {
    /// What follows the refusal of a folder or an address: the command that does what was meant; else nothing.
    package static func advice(_ path: String, meeting: String?) -> String {
        if let status = FilePath.status(path) {
            guard status.st_mode & S_IFMT == S_IFDIR else { return "" }
            let subject = meeting.map { "--meeting \(OutputText.shellWord($0))" } ?? "--any-meeting"
            return "; to analyse all in a folder: earmark batch \(FilePath.shellWord(path)) \(subject) --out "
                + "results.ndjson"
        }
        guard path.contains("://") else { return "" }
        return "; nothing is fetched: download it first with curl -L -o recording \(OutputText.shellWord(path))"
    }
}
