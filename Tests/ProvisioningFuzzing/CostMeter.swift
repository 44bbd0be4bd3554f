import EarmarkProvisioning
import Foundation

/// Measures processor time for Benchmarks/provisioning.
package enum CostMeter {
    private struct Vectors: Decodable {
        struct Refusal: Decodable {
            let id: String
            let error: String
            let secret_hex: String
            let blob: String
        }

        let refuse: [Refusal]
    }

    /// Times of one malformed envelope are means over this many.
    private static let repetitions = 2_000
    private static let secret = ClientSecret(SecretBytes("ossifrage and some more".utf8))
    /// As long as a bundle.
    private static let payload = SecretBytes([UInt8](repeating: 7, count: 1_788))

    /// Prints the seconds that one sealing and one opening take.
    package static func key() throws {
        var text = ""
        let sealing = try seconds { text = try Envelope.seal(action: .add, payload: payload, secret: secret) }
        let opening = try seconds { _ = try Envelope.open(text, secret: secret, expecting: .add) }
        print("seal \(sealing)\nopen \(opening)")
    }

    /// Headers as long as they may be, made to be slow: of everything that a header may hold, as much as fits.
    private static let worstHeaders: [(String, String)] = {
        let end = ",\"alg\":\"no\"}"
        func filled(_ name: String, _ part: (Int) -> String, open: String = "{\"x\":0", close: String = "") -> (
            String, String
        ) {
            var text = open
            for index in 0... {
                let next = part(index)
                if text.utf8.count + next.utf8.count + close.utf8.count + end.utf8.count > 8_192 { break }
                text += next
            }
            return (name, text + close + end)
        }
        return [
            filled("many-members", { ",\"\(String($0, radix: 36))\":0" }),
            filled("few-long-members", { ",\"\(String($0 + 100) + String(repeating: "n", count: 27))\":0" }),
            filled("same-members", { _ in ",\"\":0" }), filled("array", { _ in "0," }, open: "{\"x\":[", close: "0]"),
            filled("escapes", { _ in "\\u00e9" }, open: "{\"x\":\"", close: "\""),
            filled("pairs", { _ in "\\ud83d\\udd11" }, open: "{\"x\":\"", close: "\""),
            filled("text", { _ in "\u{E9}" }, open: "{\"x\":\"", close: "\""), filled("blanks", { _ in " " }),
            filled("number", { _ in "9" }),
        ]
    }()

    /// Prints the seconds that each envelope of the known answers takes that is refused without a key.
    package static func malformed(vectors path: String) throws {
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        for vector in vectors.refuse where vector.error != "authenticationFailed" {
            let secret = vector.secret_hex.isEmpty ? ClientSecret(SecretBytes([])) : secret
            // One is refused for its action, which the caller would have to name.
            let action: ProvisioningAction? = vector.error == "actionMismatch" ? .activate : nil
            let total = try seconds {
                for _ in 0..<repetitions {
                    guard (try? Envelope.open(vector.blob, secret: secret, expecting: action)) == nil else {
                        throw ProvisioningError(.badHeader, "\(vector.id) is accepted")
                    }
                }
            }
            print("\(vector.id) \(total / Double(repetitions))")
        }
        for (name, header) in worstHeaders {
            let segment = Data(header.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
            let text = segment + "..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"
            let total = try seconds {
                for _ in 0..<repetitions {
                    guard (try? Envelope.open(text, secret: secret)) == nil else {
                        throw ProvisioningError(.badHeader, "\(name) is accepted")
                    }
                }
            }
            print("worst-\(name) \(total / Double(repetitions))")
        }
    }

    /// Seconds of this process's processor time.
    private static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = now()
        try work()
        return now() - start
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
