import Foundation
import ProgramSupport

/// Writes to a store's database as docs/file-formats.md describes it, as somebody without the program could.
///
/// SQLite itself is a part of every installation; nothing of the product is used.
struct StoreDatabase {
    private typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias Execute =
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?
        ) -> Int32
    private typealias Close = @convention(c) (OpaquePointer?) -> Int32

    let path: String
    private let keyFile: String

    /// The database of the store in `place`.
    init(_ place: Workplace) {
        path = place.file("store.db")
        keyFile = path + ".key"
    }

    /// The same by somebody who holds the key file, too: what it vouched for is forgotten, and the next command seals
    /// all rows as they are.
    func plant(_ statements: String) throws {
        try execute(statements)
        let url = URL(fileURLWithPath: keyFile)
        var keys = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
        keys["sealedFrom"] = nil
        // In place, so that the mode stays.
        let handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: JSONSerialization.data(withJSONObject: keys))
        try handle.close()
    }

    /// Runs statements; references between tables are not enforced.
    func execute(_ statements: String) throws {
        func fail(_ what: String) -> ProcessRunner.Failure { .init(description: "SQLite: \(what): \(statements)") }
        guard let library = dlopen("libsqlite3.so.0", RTLD_NOW), let open = dlsym(library, "sqlite3_open"),
            let execute = dlsym(library, "sqlite3_exec"), let close = dlsym(library, "sqlite3_close")
        else { throw fail("not there") }
        var database: OpaquePointer?
        let isOpen = unsafeBitCast(open, to: Open.self)(path, &database) == 0
        defer { _ = unsafeBitCast(close, to: Close.self)(database) }
        guard isOpen else { throw fail("not opened") }
        let status = unsafeBitCast(execute, to: Execute.self)(database, statements, nil, nil, nil)
        guard status == 0 else { throw fail("status \(status)") }
    }

    /// `text` as a string of SQL.
    static func text(_ text: String) -> String { "CAST(\(blob(Data(text.utf8))) AS TEXT)" }

    /// `data` as a blob of SQL.
    static func blob(_ data: Data) -> String { "x'" + data.map { String(format: "%02x", $0) }.joined() + "'" }
}
