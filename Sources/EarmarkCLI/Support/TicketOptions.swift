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

    /// Whether the list that is named, or the store where there is one, says that `ticket` was revoked.
    ///
    /// A store that nobody named and that cannot be asked is warned of and stops nothing: a ticket marks without one.
    func isRevoked(_ ticket: Ticket, by store: some StoreAccess) throws -> Bool {
        if try list()?.contains(ticket) ?? false { return true }
        guard store.store != nil || FilePath.status(store.location.store) != nil else { return false }
        do throws(StoreError) {
            return try TicketCommand.record(of: ticket, in: try store.openAsItIs())?.revokedAt != nil
        } catch {
            guard store.store == nil else { throw error }
            Output.message("earmark: warning: whether the ticket was revoked cannot be asked: \(error.text)")
            return false
        }
    }

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
