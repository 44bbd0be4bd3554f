public import Foundation

/// The simulated device's terminal: takes the lines that Earmark prints, in any form, and answers as the terminal does.
public struct DeviceTerminal: Sendable {
    /// The device behind it.
    public private(set) var device: DeviceSimulator
    /// Refusals so far.
    public private(set) var refusals: [DeviceSimulator.Refusal] = []
    private let date: Date
    /// The body of a command of several lines, while it lasts.
    private var body: [SecretBytes]?
    /// The command of the cloud whose body comes next.
    private var cloudName: String?

    /// The line that ends a body.
    private static let bodyEnd = SecretBytes(".".utf8)
    private static let cloudPrefix = Array("POST /v1/xapi/command/".utf8)

    /// A terminal of `device`, which takes it to be `date`.
    public init(_ device: DeviceSimulator, at date: Date) {
        self.device = device
        self.date = date
    }

    /// Whether a body has begun and not ended.
    public var isInBody: Bool { body != nil }

    /// Takes a line without its end.
    ///
    /// - Returns: what the device prints, with line ends; nothing while a body lasts, for a blank line, or for the line
    ///   that names an envelope among several (`== NAME ==`), which a person does not paste.
    public mutating func take(_ line: SecretBytes) -> String {
        if let lines = body {
            guard line == DeviceTerminal.bodyEnd else {
                body = lines + [line]
                return ""
            }
            body = nil
            guard lines.count == 1 else {
                return answer("Add", .failure(.init(code: .badEnvelope, message: "the body is not one line")))
            }
            return add(lines[0])
        }
        if line.withUnsafeBytes({ $0.starts(with: DeviceTerminal.cloudPrefix) }) {
            cloudName = line.withUnsafeBytes {
                String(decoding: $0.dropFirst(DeviceTerminal.cloudPrefix.count), as: UTF8.self)
            }
            return ""
        }
        defer { cloudName = nil }
        switch line.withUnsafeBytes({ $0.first { $0 > 0x20 } }) {
        case nil: return ""
        case UInt8(ascii: "=") where line.isHeading: return ""
        case UInt8(ascii: "<"): return DeviceCall(xml: line).map { command($0) } ?? unknown()
        case UInt8(ascii: "{"):
            return DeviceCall(json: line, cloudName: cloudName).map { command($0) } ?? unknown()
        default: return command(DeviceCall(terminal: line))
        }
    }

    private mutating func command(_ call: DeviceCall) -> String {
        if call.path.starts(with: ["xstatus", "conference", "endtoendencryption"]), call.parameters.isEmpty {
            return device.status(at: date, below: Array(call.path.dropFirst()))
        }
        if call.path == ["xcommand", "security", "clientsecret", "populate"] {
            guard call.hasOnly(["secret"]), let value = call.value("secret") else { return unknown() }
            return answer("Populate", attempt { device throws(DeviceSimulator.Refusal) in try device.populate(value) })
        }
        guard call.path.count == 5, call.path.starts(with: ["xcommand", "security", "certificates", "services"]) else {
            return unknown()
        }
        return service(call.path[4], call)
    }

    private mutating func service(_ verb: String, _ call: DeviceCall) -> String {
        switch verb {
        case "add":
            guard call.hasOnly(["isencrypted", "body"]), call.value("isencrypted")?.word == "true" else {
                return unknown()
            }
            if let envelope = call.value("body") { return add(envelope) }
            body = []
            return ""
        case "activate", "deactivate":
            guard call.hasOnly(["purpose", "fingerprint"]), let value = call.value("fingerprint"),
                let purpose = call.value("purpose").flatMap({ DevicePurpose(word: $0.word) })
            else { return unknown() }
            return activation(verb, purpose, value)
        case "show":
            guard call.hasOnly(["filter", "fingerprintalgorithm", "format"]) else { return unknown() }
            return device.servicesShow()
        case "delete":
            guard call.hasOnly(["fingerprint"]), let value = call.value("fingerprint")?.word else { return unknown() }
            return answer("Delete", attempt { device throws(DeviceSimulator.Refusal) in try device.delete(value) })
        default: return unknown()
        }
    }

    private mutating func add(_ envelope: SecretBytes) -> String {
        let date = self.date
        return answer(
            "Add", attempt { device throws(DeviceSimulator.Refusal) in _ = try device.add(envelope, at: date) })
    }

    private mutating func activation(_ verb: String, _ purpose: DevicePurpose, _ value: SecretBytes) -> String {
        let date = self.date
        if verb == "activate" {
            return answer(
                "Activate",
                attempt { device throws(DeviceSimulator.Refusal) in
                    try device.activate(value, for: purpose, at: date)
                })
        }
        return answer(
            "Deactivate",
            attempt { device throws(DeviceSimulator.Refusal) in try device.deactivate(value, for: purpose) })
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
            // By scalars: what combines with a quote hides it from a search by characters, and not from a terminal.
            let scalars = DisplayText.escaped(refusal.description).unicodeScalars.map { $0 == "\"" ? "'" : $0 }
            let reason = String(String.UnicodeScalarView(scalars))
            return "OK\n*r \(command)Result (status=Error):\n*r \(command)Result Reason: \"\(reason)\"\n** end\n"
        }
    }
}

extension SecretBytes {
    /// Whether it is the line that `provision commands` puts before each of several envelopes.
    fileprivate var isHeading: Bool {
        withUnsafeBytes { $0.count > 6 && $0.starts(with: Array("== ".utf8)) && $0.suffix(3).elementsEqual(" ==".utf8) }
    }

    /// The bytes as a word in small letters, for values that are no secret.
    fileprivate var word: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.lowercased() }
}
