import EarmarkFiles
import EarmarkOutput
import Glibc

/// What people name in place of a recording.
package enum RecordingPath {
    /// What follows the refusal of a folder or an address: the command that does what was meant; else nothing.
    package static func advice(_ path: String, meeting: String?, next: NextCommand) -> String {
        if let status = FilePath.status(path) {
            guard status.st_mode & S_IFMT == S_IFDIR else { return "" }
            return "; to analyse all in a folder: " + next.batch(path, meeting: meeting)
        }
        guard path.contains("://") else { return "" }
        return "; nothing is fetched: download it first with curl -L -o recording \(OutputText.shellWord(path))"
    }
}
