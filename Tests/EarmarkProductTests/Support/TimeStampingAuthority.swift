import Foundation
import ProgramSupport

/// A time-stamping authority (RFC 3161) of OpenSSL's, in a folder of its own.
struct TimeStampingAuthority: Sendable {
    private let folder: TemporaryFolder

    /// The authority's root certificate, PEM.
    var certificate: String { folder.file("ca.pem") }
    /// A program that reads a request and writes the response.
    var program: String { folder.file("stamp.sh") }

    init() throws {
        folder = try TemporaryFolder()
        try Data(Self.settings.utf8).write(to: URL(fileURLWithPath: folder.file("tsa.cnf")))
        try Shell.run(Self.making, in: folder.url.path)
    }

    private static let settings = """
        [tsa]
        default_tsa = t
        [t]
        serial = serial
        signer_cert = tsa.pem
        certs = ca.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        ess_cert_id_chain = no
        [ext]
        extendedKeyUsage = critical,timeStamping
        """

    private static let making = """
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=CA -days 30
        openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=TSA
        openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 30 \\
            -extfile tsa.cnf -extensions ext
        echo 01 >serial
        cat >stamp.sh <<'END'
        #!/bin/sh
        cd "$(dirname "$0")" && exec openssl ts -reply -config tsa.cnf -queryfile /dev/stdin -out /dev/stdout
        END
        chmod +x stamp.sh
        """
}

/// Other programs than the one under test.
enum Shell {
    /// Runs a script of sh, which must succeed.
    static func run(_ script: String, in folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProcessRunner.Failure(
                description: "a script ended with status \(process.terminationStatus): \(script)")
        }
    }
}
