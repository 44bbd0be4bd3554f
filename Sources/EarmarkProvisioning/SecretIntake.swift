import Foundation

/// Brings secrets in, into memory that is wiped later.
///
/// Never from an argument, which every user of the machine can read in the list of processes. From the first secret on
/// the process cannot be dumped.
package enum SecretIntake {
    /// Longest secret, in bytes: beyond any that a person or program would choose.
    static let maximumByteCount = 64 << 10

    /// The bytes of the file at `path` as they are, `-` being standard input.
    package static func file(_ path: String) throws(IntakeError) -> ClientSecret {
        HostProcess.forbidDumps()
        return ClientSecret(try ByteInput.read(path, maximumByteCount: maximumByteCount))
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
final class SecretVariables {
    private var secrets: [String: ClientSecret] = [:]

    func secret(_ name: String) throws(IntakeError) -> ClientSecret {
        if let secret = secrets[name] { return secret }
        let secret = try SecretIntake.environment(name)
        secrets[name] = secret
        return secret
    }
}
