import Crypto
public import EarmarkFiles
import Foundation
import Synchronization

/// One of the two shares that a split meeting key needs beside the key file's entry.
///
/// Any two of the three parts (entry, share, share) say nothing about the key. The description shows no secret.
public struct KeyShare: Sendable, Equatable, CustomStringConvertible {
    /// Shares of a key, for as many persons; all are needed.
    public static let count = 2
    /// Largest share file that is read, in bytes.
    static let maximumByteCount = 4096
    private static let format = "earmark-share"
    private static let version = 1

    let store: String
    /// The meeting whose key it is part of.
    public let meetingID: MeetingID
    /// Which of the shares, from 1.
    public let number: Int
    let secret: [UInt8]

    /// A fresh random share.
    init(store: String, meetingID: MeetingID, number: Int) {
        self.store = store
        self.meetingID = meetingID
        self.number = number
        secret = Identifier.randomBytes(KeyFile.keyByteCount)
    }

    /// No secret.
    public var description: String { "KeyShare(\(meetingID), \(number) of \(Self.count), redacted)" }

    /// The wrapping key that entry and shares make: the entry itself where there are no shares.
    ///
    /// HKDF-SHA256 (RFC 5869) of all parts one after another, the shares by number.
    static func combined(_ entry: [UInt8], _ shares: [KeyShare]) -> [UInt8] {
        guard !shares.isEmpty else { return entry }
        let parts = shares.sorted { $0.number < $1.number }.reduce(entry) { $0 + $1.secret }
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: parts), info: Data("earmark/v1/split".utf8),
            outputByteCount: KeyFile.keyByteCount)
        return key.withUnsafeBytes { Array($0) }
    }

    // MARK: Files

    private struct Content: Codable {
        var format: String
        var version: Int
        var store: String
        var meeting: MeetingID
        var number: Int
        var share: String
    }

    /// Writes the share to a new file with mode 0600.
    public func write(to path: String) throws(StoreError) {
        let content = Content(
            format: Self.format, version: Self.version, store: store, meeting: meetingID, number: number,
            share: Data(secret).base64EncodedString())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(content) else {
            throw StoreError(.keyFileInvalid, "the share cannot be written as JSON")
        }
        try withFiles { () throws(FileError) in try PrivateFile.create(path, bytes: Array(data) + [UInt8(ascii: "\n")])
        }
    }

    /// Writes shares to new files, all or none.
    static func write(_ shares: [KeyShare], to paths: [String]) throws(StoreError) {
        var written: [String] = []
        do throws(StoreError) {
            for (path, share) in zip(paths, shares) {
                try share.write(to: path)
                written.append(path)
            }
        } catch {
            for path in written { FilePath.remove(path) }
            throw error
        }
    }

    /// Reads a share file.
    init(path: String) throws(StoreError) {
        guard
            let bytes = try withFiles({ () throws(FileError) in
                try PrivateFile.read(path, maximumByteCount: Self.maximumByteCount)
            })
        else {
            throw StoreError(.keyFileMissing, "there is no share file '\(path)'")
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)), content.format == Self.format,
            content.version == Self.version, (1...Self.count).contains(content.number),
            let secret = Data(base64Encoded: content.share), secret.count == KeyFile.keyByteCount
        else { throw StoreError(.keyFileInvalid, "'\(path)' is not a share of a meeting's key") }
        store = content.store
        meetingID = content.meeting
        number = content.number
        self.secret = Array(secret)
    }
}

extension Store {
    /// Keeps the share in the file at `path` at hand for as long as this store is open.
    ///
    /// - Throws: `keyFileMissing`, `keyFileExposed`, `keyFileInvalid`, or `keyFileMismatch` for another store's share.
    public func takeShare(at path: String) throws(StoreError) {
        let share = try KeyShare(path: path)
        guard share.store == storeID else {
            throw StoreError(.keyFileMismatch, "share '\(path)' belongs to another store")
        }
        sharesAtHand.withLock { $0[share.meetingID, default: [:]][share.number] = share }
    }
}
