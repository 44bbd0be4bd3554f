public import Foundation

/// A folder that goes away with the test.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Makes an empty folder.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("earmark-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// An environment that names the store `store.db` in this folder and nothing else of the user's.
    public var environment: [String: String] {
        [
            "EARMARK_STORE": url.appendingPathComponent("store.db").path, "HOME": url.path,
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "TZ": "UTC",
        ]
    }
}
