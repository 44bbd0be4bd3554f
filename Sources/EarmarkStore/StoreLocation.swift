import EarmarkFiles
import Foundation

/// Where a store and its key file lie.
public struct StoreLocation: Sendable, Equatable {
    /// Names the store when no option does.
    public static let storeVariable = "EARMARK_STORE"
    /// Names the key file when it does not lie beside the store.
    public static let keyFileVariable = "EARMARK_KEY_FILE"

    /// Path of the SQLite database.
    public let store: String
    /// Path of the key file.
    public let keyFile: String

    /// Names both files.
    ///
    /// - Parameters:
    ///   - store: path of the database.
    ///   - keyFile: path of the key file; by default `store` with `.key` added.
    public init(store: String, keyFile: String? = nil) {
        self.store = store
        self.keyFile = keyFile ?? store + ".key"
    }

    /// Every file that a store here has, or has while it works: database, journals, keys, the log's head, locks.
    package var files: [String] {
        // SQLite keeps journals beside the file that a link leads to.
        let databases = Set([store, FilePath.canonical(store)])
        return databases.flatMap { path in ["", "-wal", "-shm", "-journal", ".lock"].map { path + $0 } }
            + ["", ".lock", ".head", ".head.lock"].map { keyFile + $0 }
    }

    /// Chooses the location: the option, else `EARMARK_STORE`, else a path in the user's data folder.
    ///
    /// - Parameters:
    ///   - option: the path that the user gave, if any.
    ///   - environment: the process's environment variables; empty values count as absent.
    public static func resolve(option: String?, environment: [String: String]) -> StoreLocation {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let store = option ?? value(storeVariable) ?? userPath(dataHome: value("XDG_DATA_HOME"), home: value("HOME"))
        return StoreLocation(store: store, keyFile: value(keyFileVariable))
    }

    /// The XDG base directory rules: only absolute values of XDG_DATA_HOME count.
    private static func userPath(dataHome: String?, home: String?) -> String {
        if let dataHome, dataHome.hasPrefix("/") { return dataHome + "/earmark/earmark.db" }
        return (home ?? NSHomeDirectory()) + "/.local/share/earmark/earmark.db"
    }
}
