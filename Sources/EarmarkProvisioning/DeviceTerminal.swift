public import Foundation

/// The simulated device's terminal: takes the lines that Earmark prints, and answers.
public struct DeviceTerminal: Sendable {
    /// The device behind it.
    public private(set) var device: DeviceSimulator
    /// Refusals so far.
    public private(set) var refusals: [DeviceSimulator.Refusal] = []
    private let date: Date
    /// The body of a command of several lines, while it lasts.
    private var body: [SecretBytes]?

    /// The line that ends a body.
    private static let bodyEnd = SecretBytes(".".utf8)

    /// A terminal of `device`, which takes it to be `date`.
    public init(_ device: DeviceSimulator, at date: Date) {
        self.device = device
        self.date = date
    }

    /// Whether a body has begun and not ended.
    public var isInBody: Bool { body != nil }

    /// Takes a line without its end.
    ///
    /// - Returns: what the device prints, with line ends; nothing while a body lasts or for a blank line.
    public mutating func take(_ line: SecretBytes) -> String {
        if let lines = body {
            guard line == DeviceTerminal.bodyEnd else {
                body = lines + [line]
                return ""
            }
            body = nil
            let envelope = lines.first ?? SecretBytes([])
            guard lines.count == 1 else {
                return answer("Add", .failure(.init(code: .badEnvelope, message: "the body is not one line")))
            }
            let date = self.date
            return answer(
                "Add", attempt { device throws(DeviceSimulator.Refusal) in _ = try device.add(envelope, at: date) })
        }
        let words = DeviceTerminal.words(line)
        return words.isEmpty ? "" : command(words)
    }

    private mutating func command(_ words: [Word]) -> String {
        // Words of commands are no secrets; their values, from the first quoted or sealed one on, may be.
        let names = words.prefix(while: \.isName).map { $0.bytes.text }
        let path = names.map { $0.lowercased() }.joined(separator: " ")
        let date = self.date
        switch path {
        case "": return unknown()
        case "xcommand security clientsecret populate secret:":
            let value = words.dropFirst(names.count).first?.bytes ?? SecretBytes([])
            return answer("Populate", attempt { device throws(DeviceSimulator.Refusal) in try device.populate(value) })
        case "xcommand security certificates services add isencrypted: true":
            body = []
            return ""
        case "xcommand security certificates services activate purpose: webexidentity fingerprint:":
            let value = words.dropFirst(names.count).first?.bytes ?? SecretBytes([])
            return answer(
                "Activate", attempt { device throws(DeviceSimulator.Refusal) in try device.activate(value, at: date) })
        case "xcommand security certificates services deactivate purpose: webexidentity fingerprint:":
            let value = words.dropFirst(names.count).first?.bytes ?? SecretBytes([])
            return answer(
                "Deactivate", attempt { device throws(DeviceSimulator.Refusal) in try device.deactivate(value) })
        case "xcommand security certificates services show": return device.servicesShow()
        case "xstatus conference endtoendencryption": return device.status(at: date)
        default:
            guard path.hasPrefix("xcommand security certificates services delete fingerprint:") else {
                return unknown()
            }
            let value = words.last?.bytes.text ?? ""
            return answer("Delete", attempt { device throws(DeviceSimulator.Refusal) in try device.delete(value) })
        }
    }

    private mutating func unknown() -> String {
        let refusal = DeviceSimulator.Refusal(
            code: .unknownCommand, message: "the simulator knows no such command, or one of its parameters is missing")
        return answer("", .failure(refusal))
    }

    private mutating func attempt(
        _ work: (inout DeviceSimulator) throws(DeviceSimulator.Refusal) -> Void
    ) -> Result<Void, DeviceSimulator.Refusal> {
        do {
            try work(&device)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private mutating func answer(_ command: String, _ result: Result<Void, DeviceSimulator.Refusal>) -> String {
        switch result {
        case .success: return "OK\n*r \(command)Result (status=OK):\n** end\n"
        case .failure(let refusal):
            refusals.append(refusal)
            let reason = DisplayText.escaped(refusal.description).replacing("\"", with: "'")
            return "OK\n*r \(command)Result (status=Error):\n*r \(command)Result Reason: \"\(reason)\"\n** end\n"
        }
    }

    /// A word of a line.
    private struct Word {
        let bytes: SecretBytes
        let isQuoted: Bool

        /// Longest word of a command, in bytes: "EndToEndEncryption", and some room.
        private static let maximumNameByteCount = 20

        /// Whether this may be a word of a command: letters, and a colon at the end of a parameter's name.
        var isName: Bool {
            !isQuoted && bytes.count <= Word.maximumNameByteCount
                && bytes.withUnsafeBytes {
                    $0.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: ":") }
                }
        }
    }

    /// The words of a line; quotes around a word are dropped.
    private static func words(_ line: SecretBytes) -> [Word] {
        line.withUnsafeBytes { bytes in
            bytes.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }).map { word in
                let isQuoted = word.count >= 2 && word.first == UInt8(ascii: "\"") && word.last == UInt8(ascii: "\"")
                let inside = isQuoted ? word.dropFirst().dropLast() : word
                return Word(bytes: SecretBytes(copying: UnsafeRawBufferPointer(rebasing: inside)), isQuoted: isQuoted)
            }
        }
    }
}

extension SecretBytes {
    /// The bytes as text, for words that are no secret.
    fileprivate var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
