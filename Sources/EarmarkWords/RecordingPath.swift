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
        return download(path)
    }

    /// What follows any error that names one of `arguments` which is an address; nothing where addresses are fetched.
    package static func advice(on error: String, of arguments: [String]) -> String {
        let values = arguments.map { $0.hasPrefix("-") ? String($0.drop { $0 != "=" }.dropFirst()) : $0 }
        let address = values.first { $0.contains("://") && error.contains($0) }
        let isFetched = arguments.first == fetching && !(address?.hasPrefix(objects) ?? false)
        return isFetched ? "" : address.map(download) ?? ""
    }

    /// The verb that fetches.
    private static let fetching = "work"
    /// How addresses begin that not even that one fetches.
    private static let objects = "s3://"

    private static func download(_ address: String) -> String {
        let word = OutputText.shellWord(address)
        if address.hasPrefix(objects) {
            return "; nothing is fetched: download it first with aws s3 cp \(word) ., or for 'earmark work' name the "
                + "https URL that aws s3 presign \(word) prints"
        }
        return "; nothing is fetched: download it first with curl -L -o recording \(word)"
    }
}
