import EarmarkFiles
import Foundation

/// The files that a row names.
///
/// Columns of secrets are never repeated in messages: people type the secret itself there.
enum StepFiles {
    /// Endings by which a name can be told from a secret.
    private static let suffixes = [".pem", ".crt", ".cer", ".key", ".csr", ".der", ".p12", ".pfx", ".p7b", ".txt"]

    /// Whether there is something at `path`; an empty file is what an interrupted run left.
    static func isFilled(_ path: String) -> Bool { (FilePath.byteCount(path) ?? 0) > 0 }

    /// Writes a file that is missing or empty, mode 0600.
    static func fill(_ path: String, _ bytes: [UInt8]) throws(FileError) {
        if PrivateFile.exists(path) {
            try PrivateFile.replace(path, bytes: bytes)
        } else {
            try PrivateFile.create(path, bytes: bytes)
        }
    }

    /// The path in a column of secrets that is to be written to.
    static func path(_ source: String, _ column: String) throws(StepError) -> String {
        guard !source.isEmpty else { throw StepError(code: .missingSecret, message: "the column '\(column)' is empty") }
        let path = String(source.dropFirst("file:".count))
        guard source.hasPrefix("file:"), FilePath.lastPart(path).contains(".") else {
            throw StepError(
                code: .missingSecret,
                message: "the column '\(column)' must name the file to write the new secret to, with an ending such as "
                    + ".secret, so that no secret is taken for a name; it is not repeated here")
        }
        return path
    }

    /// Makes a random secret at `path` unless there is one.
    ///
    /// - Returns: whether there is one already.
    static func makeSecret(_ path: String, _ column: String) throws -> Bool {
        if isFilled(path) {
            _ = try secret(path, column)
            return true
        }
        var bytes = ClientSecret.generate().bytes.withUnsafeBytes { Array($0) }
        defer { SecretBytes.wipe(&bytes) }
        do throws(FileError) {
            try fill(path, bytes)
        } catch {
            let why = error.code == .inputOutput ? reason(error.message) : "it was made meanwhile"
            throw IntakeError(
                .inputOutput,
                "the file that the column '\(column)' names cannot be written (\(why)); its folder must be there")
        }
        return false
    }

    /// What the system says of a file that it cannot read or write, without the file's name, which may be a secret.
    ///
    /// It stands at the end, and has no colon. Advice on how to make the file's folder names that.
    private static func reason(_ message: String) -> String {
        message.contains("mkdir -p") ? "there is no such folder" : message.components(separatedBy: ": ").last ?? ""
    }

    /// The secret in the file at `path`.
    static func secret(_ path: String, _ column: String) throws(IntakeError) -> ClientSecret {
        do {
            return try SecretIntake.file(path)
        } catch {
            switch error.code {
            case .missing:
                throw IntakeError(
                    .missing,
                    "the column '\(column)' names no file that is there. It takes a path or env:NAME; if it holds the "
                        + "secret itself, which is not repeated here, write that to a file: (umask 077; cat > "
                        + "ROOM.secret)")
            case .inputOutput:
                throw IntakeError(
                    error.code, "the file that the column '\(column)' names cannot be read: \(reason(error.message))")
            default:
                throw IntakeError(
                    error.code,
                    "the file that the column '\(column)' names cannot be read as a secret; perhaps it holds a key")
            }
        }
    }

    /// The text of the file at `path`.
    static func certificates(_ path: String, _ column: String) throws(IntakeError) -> SecretBytes {
        do {
            return try CertificateFile.read(path)
        } catch {
            guard error.code == .missing else { throw error }
            let isName = suffixes.contains { path.lowercased().hasSuffix($0) }
            throw IntakeError(
                .missing, "the column '\(column)' names no file that is there" + (isName ? ": '\(path)'" : ""))
        }
    }
}
