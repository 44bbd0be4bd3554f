public import EarmarkFiles
public import EarmarkMark
import Glibc

/// Reads and writes ticket files.
public enum TicketFile {
    /// How names of ticket files end.
    public static let suffix = ".ticket"

    /// The ticket in the file at `path`.
    ///
    /// - Throws: `FileError`, or `ServiceError` `ticketInvalid`.
    public static func read(_ path: String) throws -> Ticket {
        // One byte more than any ticket, so that a longer file shows its trailing data.
        let most = Ticket.maximumByteCount + 1
        if let status = FilePath.status(path), status.st_mode & S_IFMT != S_IFDIR, status.st_size > most {
            throw ServiceError(.ticketInvalid, "'\(path)': \(TicketError(.notATicket).message)\(hint(head(path)))")
        }
        let bytes = try SmallFile.read(path, maximumByteCount: most)
        do {
            return try Ticket(parsing: bytes)
        } catch {
            throw ServiceError(.ticketInvalid, "'\(path)': \(error.message)\(hint(bytes))")
        }
    }

    /// Bytes by which audio is known.
    private static let headLength = 12

    /// The first bytes of a file; none if it cannot be read.
    private static func head(_ path: String) -> [UInt8] {
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: headLength) { buffer, count in
            count = max(0, Glibc.read(descriptor, buffer.baseAddress, headLength))
        }
    }

    /// What the file seems to be instead, and what to give; nothing if it may be a damaged ticket.
    private static func hint(_ bytes: [UInt8]) -> String {
        let audio = ["RIFF", "RF64", "fLaC", "FORM", "caff", "ID3", "OggS"]
        let isAudio =
            audio.contains { bytes.starts(with: $0.utf8) } || bytes.dropFirst(4).starts(with: "ftyp".utf8)
        return isAudio ? ", but audio: give the file that 'earmark ticket issue' wrote, and the audio beside it" : ""
    }

    /// Makes empty files of mode 0600 for tickets that `body` issues and fills in, and takes them away where it fails:
    /// what cannot be written is known before a ticket is recorded that nobody has.
    ///
    /// - Throws: `exists` if one is there already, `inputOutput`; what `body` throws.
    package static func reserving<Value>(_ paths: [String], _ body: () throws -> Value) throws -> Value {
        var made: [String] = []
        do {
            for path in paths {
                try PrivateFile.create(path, bytes: [], isDurable: false)
                made.append(path)
            }
            return try body()
        } catch {
            for path in made where FilePath.byteCount(path) == 0 { FilePath.remove(path) }
            throw error
        }
    }

    /// Writes `ticket` to the file that was reserved for it.
    package static func fill(_ path: String, with ticket: Ticket) throws(FileError) {
        FilePath.remove(path)
        try write(ticket, to: path)
    }

    /// Writes `ticket` to a new file with mode 0600.
    ///
    /// Not synced to disk: a lost ticket can be issued again.
    public static func write(_ ticket: Ticket, to path: String) throws(FileError) {
        try PrivateFile.create(path, bytes: ticket.serialized(), isDurable: false)
    }
}
