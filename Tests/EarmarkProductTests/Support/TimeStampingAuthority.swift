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

    /// Lets the program fail from now on, or no longer.
    func fail(_ fails: Bool) {
        let path = folder.file("fails")
        if fails {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        } else {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Lets stamps say more from now on, by settings of OpenSSL's authorities such as `ordering = yes`.
    func add(_ settings: [String]) throws {
        let text = Self.settings.replacing("[ext]", with: (settings + ["[ext]"]).joined(separator: "\n"))
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("tsa.cnf")))
    }

    /// A program that stamps what is asked for and does not repeat the question's nonce.
    func forgetful() throws -> String {
        try Shell.run(
            """
            cat >forgetful.sh <<'END'
            #!/bin/sh
            cd "$(dirname "$0")" || exit 1
            digest=$(od -An -v -tx1 | tr -d ' \\n' | sed 's/.*0420//' | cut -c1-64)
            openssl ts -query -digest "$digest" -sha256 -no_nonce -cert -out plain.tsq
            exec openssl ts -reply -config tsa.cnf -queryfile plain.tsq
            END
            chmod +x forgetful.sh
            """, in: folder.url.path)
        return folder.file("forgetful.sh")
    }

    /// The authority as a server of HTTP on this machine; whoever starts it ends it.
    func serve() throws -> (process: Process, address: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.server]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.currentDirectoryURL = folder.url
        try process.run()
        let path = folder.file("port")
        for _ in 0..<600 where !FileManager.default.fileExists(atPath: path) { usleep(100_000) }
        return (process, "http://127.0.0.1:\(try String(contentsOfFile: path, encoding: .utf8))/")
    }

    private static let server = """
        import http.server, os, subprocess
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = self.rfile.read(int(self.headers['Content-Length']))
                told = subprocess.run(['./stamp.sh'], input=asked, stdout=subprocess.PIPE).stdout
                self.send_response(200)
                self.end_headers()
                self.wfile.write(told)
            def log_message(self, *arguments): pass
        server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
        open('port.new', 'w').write(str(server.server_port))
        os.rename('port.new', 'port')
        server.serve_forever()
        """

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
        cd "$(dirname "$0")" && [ ! -e fails ] || exit 1
        exec openssl ts -reply -config tsa.cnf -queryfile /dev/stdin
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
