import Foundation
import ProgramSupport
import Testing

/// Secrets and certificates for the tests of `earmark provision`.
enum Rooms {
    /// The device's secret, in the environment variable SECRET.
    static let secret = "k3J-9sQ_wX2pLr7TzB4n"
    /// Another secret, in the environment variable OTHER.
    static let other = "aV5_cN8-tR1yUq6HdM0e"
    static let environment = ["SECRET": secret, "OTHER": other]
    /// SHA-1 of `device-ec.cert.pem`, as `manifest.json` gives it.
    static let first = "163224c3da0ba3ec5327892affebabbe00206b90"
    /// SHA-1 of `device-mixed.cert.pem`, of the same name and key as the first.
    static let second = "aa2aa14ff5e100eb058f0b4dca3e590aa66d47d0"
    /// SHA-1 of `device-no-san.cert.pem`, of the same name with a key of its own.
    static let third = "3af9d124b42e1f5c793a0bf6175e0824df2c6c22"
    /// The first second of all three, 2024-01-01T00:00:00Z.
    static let begin = 1_704_067_200
    /// The last second of both, 2046-01-01T00:00:00Z.
    static let end = 2_398_377_600
    /// The time for which the test certificates were made, 2026-11-23T00:00:00Z.
    static let now = 1_795_392_000
    /// The last second of `device-expires-soon.cert.pem`, 2026-12-07T00:00:00Z.
    static let soon = now + 14 * 86_400

    /// The path of a test certificate or key.
    static func pki(_ name: String) -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return tests.appendingPathComponent("EarmarkProvisioningTests/Vectors/pki/\(name)").path
    }

    /// The content of a test certificate or key.
    static func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: pki(name))), as: UTF8.self)
    }

    /// Runs `openssl` and returns what it prints.
    static func openssl(_ arguments: String..., in place: Workplace) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = place.folder.url
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw ProcessRunner.Failure(description: "openssl \(arguments): \(text)")
        }
        return text
    }
}

extension Workplace {
    /// Runs `earmark provision` with the secrets in the environment.
    func provision(_ arguments: [String], input: String? = nil) throws -> ProcessRunner.Result {
        try run(["provision"] + arguments, input: input.map { Data($0.utf8) }, environment: Rooms.environment)
    }

    func provision(_ arguments: String...) throws -> ProcessRunner.Result { try provision(arguments) }

    /// What `earmark provision` prints, which must succeed.
    func provided(_ arguments: [String]) throws -> String {
        let result = try provision(arguments)
        guard result.exitStatus == 0 else {
            throw ProcessRunner.Failure(description: "\(arguments): \(result.exitStatus): \(result.errors)")
        }
        return result.text
    }

    func provided(_ arguments: String...) throws -> String { try provided(arguments) }

    /// Expects `earmark provision` to end with `status`, saying `reason`, with nothing on standard output.
    func refuses(
        _ status: Int32, _ reason: String, _ arguments: String..., location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try provision(arguments)
        #expect(result.exitStatus == status, "\(arguments): \(result.errors)", sourceLocation: location)
        #expect(result.errors.contains(reason), sourceLocation: location)
        #expect(result.output.isEmpty, sourceLocation: location)
    }
}

/// A simulated device that remembers in a file.
struct Room {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// A device that has its first secret.
    static func withSecret() throws -> Room {
        let room = try Room()
        room.takes(try room.firstSecret("SECRET"))
        return room
    }

    func firstSecret(_ variable: String) throws -> String {
        try place.provided("populate", "--first", "--new-secret-env", variable)
    }

    /// The lines that add the bundle in these files.
    func adding(_ files: String...) throws -> String {
        try place.provided(["add"] + files + ["--secret-env", "SECRET"])
    }

    func activating(_ fingerprint: String, _ verb: String = "activate") throws -> String {
        try place.provided(verb, "--fingerprint", fingerprint, "--secret-env", "SECRET")
    }

    func deleting(_ fingerprint: String) -> String {
        "xCommand Security Certificates Services Delete Fingerprint: \"\(fingerprint)\"\n"
    }

    func run(_ text: String, at seconds: Int = Rooms.now) -> ProcessRunner.Result? {
        try? place.provision(["simulate", "--state", "device", "--at", Board.time(seconds)], input: text)
    }

    /// Expects the device to take `text`; what it answers.
    @discardableResult func takes(
        _ text: String, at seconds: Int = Rooms.now, location: SourceLocation = #_sourceLocation
    ) -> String {
        let result = run(text, at: seconds)
        #expect(result?.exitStatus == 0, "\(result?.errors ?? "crash")", sourceLocation: location)
        return result?.text ?? ""
    }

    /// Expects the device to refuse `text` for `reason`.
    func refuses(
        _ text: String, _ reason: String, at seconds: Int = Rooms.now, location: SourceLocation = #_sourceLocation
    ) {
        let result = run(text, at: seconds)
        #expect(result?.exitStatus == 47, "\(result?.text ?? "crash")", sourceLocation: location)
        #expect(result?.text.contains("Result (status=Error)") == true, sourceLocation: location)
        #expect(result?.errors.hasPrefix("earmark: error: \(reason): ") == true, sourceLocation: location)
    }

    var shown: String { takes("xCommand Security Certificates Services Show\n") }

    func status(at seconds: Int = Rooms.now) -> String {
        takes("xStatus Conference EndToEndEncryption\n", at: seconds)
    }
}
