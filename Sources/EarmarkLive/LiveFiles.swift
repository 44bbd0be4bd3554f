internal import CEarmarkSystem
public import EarmarkMark

extension Ticket {
    /// Reads the ticket in the file at `path`.
    public init(contentsOfFile path: UnsafePointer<CChar>) throws(LiveError) {
        // One byte more than any ticket, so that a longer file shows its trailing data.
        guard let bytes = unsafe SmallContent.read(path, atMost: Ticket.maximumByteCount + 1) else {
            throw .ticketUnreadable
        }
        try self.init(live: bytes)
    }

    /// Reads a ticket's bytes.
    public init(live bytes: [UInt8]) throws(LiveError) {
        do throws(TicketError) { try self.init(parsing: bytes) } catch { throw .ticketInvalid }
    }
}

extension RevocationList {
    /// Reads the list in the file at `path`.
    public init(contentsOfFile path: UnsafePointer<CChar>) throws(LiveError) {
        guard let bytes = unsafe SmallContent.read(path, atMost: RevocationList.maximumByteCount + 1),
            bytes.count <= RevocationList.maximumByteCount
        else { throw .revocationsUnreadable }
        try self.init(parsing: bytes)
    }
}

/// The system's clock.
public enum WallClock {
    /// Unix seconds now.
    public static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// Reads small files by the C library, which embedded Swift has and Foundation's file handles it has not.
private enum SmallContent {
    /// Up to `limit` bytes of the file at `path`; nil if it cannot be read.
    static func read(_ path: UnsafePointer<CChar>, atMost limit: Int) -> [UInt8]? {
        guard let file = unsafe fopen(path, "rb") else { return nil }
        defer { unsafe fclose(file) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while content.count < limit {
            let count = unsafe fread(&chunk, 1, min(chunk.count, limit - content.count), file)
            if count == 0 { break }
            content += chunk[..<count]
        }
        return unsafe ferror(file) == 0 ? content : nil
    }
}

extension RevocationList {
    /// The list that `$EARMARK_REVOCATIONS` names; nil if it names none.
    public static func ofEnvironment() throws(LiveError) -> RevocationList? {
        guard let path = unsafe getenv("EARMARK_REVOCATIONS"), unsafe path.pointee != 0 else { return nil }
        return try unsafe RevocationList(contentsOfFile: path)
    }
}
