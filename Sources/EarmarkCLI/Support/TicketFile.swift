import EarmarkMark
import EarmarkStore

/// Reads and writes ticket files.
enum TicketFile {
    /// How names of ticket files end.
    static let suffix = ".ticket"

    /// The ticket in the file at `path`.
    static func read(_ path: String) throws -> Ticket {
        // One byte more than any ticket, so that a longer file shows its trailing data.
        let bytes = try SmallFile.read(path, maximumByteCount: Ticket.maximumByteCount + 1)
        do {
            return try Ticket(parsing: bytes)
        } catch {
            throw CommandError(.invalidInput, "'\(path)': \(error.message)")
        }
    }

    /// Writes `ticket` to a new file with mode 0600.
    ///
    /// Not synced to disk: a lost ticket can be issued again.
    static func write(_ ticket: Ticket, to path: String) throws(StoreError) {
        try SecretFile.create(path, bytes: ticket.serialized(), isDurable: false)
    }
}
