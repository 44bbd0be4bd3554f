import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkLive
import EarmarkMark
import EarmarkService
import EarmarkStore
import EarmarkWords

/// A list of tickets that must not mark.
struct RevocationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Refuse tickets on this list (see 'earmark ticket revocations').", valueName: "file"),
        completion: .file())
    var revocations: String?

    /// The list, if one is named.
    func list() throws -> RevocationList? {
        guard let revocations else { return nil }
        let bytes = try SmallFile.read(revocations, maximumByteCount: RevocationList.maximumByteCount)
        do throws(LiveError) {
            return try RevocationList(parsing: bytes)
        } catch {
            throw CommandError(.invalidInput, "'\(revocations)': \(error.message)")
        }
    }
}
