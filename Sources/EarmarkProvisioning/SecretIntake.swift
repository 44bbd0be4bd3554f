import EarmarkFiles
import Foundation

/// Brings secrets in, into memory that is wiped later.
///
/// Never from an argument, which every user of the machine can read in the list of processes. From the first secret on
/// the process cannot be dumped.
package enum SecretIntake {
    /// Longest secret, in bytes: beyond any that a person or program would choose.
    static let maximumByteCount = 64 << 10
    /// How a key or certificate in PEM begins, which nobody chose as a secret.
    private static let pemBegin = Array("-----BEGIN ".utf8)

    /// The bytes of the file at `path` as they are, `-` being standard input.
    package static func file(_ path: String) throws(IntakeError) -> ClientSecret {
        HostProcess.forbidDumps()
        let bytes: SecretBytes
        do {
            bytes = try ByteInput.read(path, maximumByteCount: maximumByteCount)
        } catch  where error.code == .missing {
            // People type the secret itself in the place of its file.
            throw IntakeError(
                .missing,
                "the file that shall hold the secret is not there; its name is not repeated, in case it is one")
        }
        guard !bytes.withUnsafeBytes({ $0.starts(with: pemBegin) }) else {
            throw IntakeError(
                .invalid,
                "the file that shall hold the secret holds a key or certificate (PEM): a device would take all of it "
                    + "for its secret; name the file with the secret")
        }
        return ClientSecret(bytes)
    }

    /// Whether others than the owner may read the file at `path`.
    package static func isReadableByOthers(_ path: String) -> Bool {
        path != ByteInput.standardInput && FilePath.isReadableByOthers(path)
    }

    /// The value of an environment variable, which is then wiped where it lies, so that `/proc` does not show it.
    ///
    /// Not for several threads at a time: it changes the process's environment.
    package static func environment(_ name: String) throws(IntakeError) -> ClientSecret {
        HostProcess.forbidDumps()
        guard let value = getenv(name) else {
            throw IntakeError(.missing, "there is no environment variable '\(name)'")
        }
        let count = strlen(value)
        guard count <= maximumByteCount else {
            throw IntakeError(.invalid, "the environment variable '\(name)' is longer than \(maximumByteCount) bytes")
        }
        let secret = SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: count))
        explicit_bzero(value, count)
        unsetenv(name)
        return ClientSecret(secret)
    }
}

/// Secrets from environment variables that several rows of a list may name: reading one wipes it.
struct SecretVariables: Sendable {
    private var secrets: [String: ClientSecret] = [:]

    /// Reads all variables that `sources` name as `env:NAME`, before there is more than one thread.
    init(_ sources: some Sequence<String>) {
        for source in sources where source.hasPrefix("env:") {
            let name = String(source.dropFirst("env:".count))
            if secrets[name] == nil { secrets[name] = try? SecretIntake.environment(name) }
        }
    }

    /// The secret of a variable; its name may be a secret that somebody typed, so no message repeats it.
    func secret(_ name: String, _ column: String) throws(IntakeError) -> ClientSecret {
        guard let secret = secrets[name] else {
            throw IntakeError(
                .missing, "the environment variable that the column '\(column)' names is not there, or too long")
        }
        return secret
    }
}
