import Foundation

/// The forms of commands beside the terminal's.
extension DeviceCall {
    /// Reads a call of JSON-RPC (`method` and `params`), or the body that the cloud takes for the command `cloudName`
    /// (`arguments` and `body`); nil if it is neither.
    init?(json line: SecretBytes, cloudName: String?) {
        var reader = JSONReader(line.withUnsafeBytes { Array($0) })
        guard let value = try? reader.value(), case .object(let members) = value, !reader.hasDuplicateName else {
            return nil
        }
        func member(_ name: String) -> JSONValue? { members.first { $0.name.elementsEqual(name.utf8) }?.value }
        if let cloudName {
            var parameters = DeviceCall.texts(member("arguments"))
            if let body = member("body")?.text { parameters.append(("body", SecretBytes(body))) }
            guard member("deviceId")?.text != nil else { return nil }
            self.init(path: ["xcommand"] + cloudName.split(separator: ".").map(String.init), parameters: parameters)
        } else {
            guard let method = member("method")?.text, member("id") != nil,
                member("jsonrpc")?.text?.elementsEqual("2.0".utf8) == true
            else { return nil }
            self.init(
                path: String(decoding: method, as: UTF8.self).split(separator: "/").map(String.init),
                parameters: DeviceCall.texts(member("params")))
        }
    }

    private static func texts(_ value: JSONValue?) -> [(name: String, value: SecretBytes)] {
        guard case .object(let members)? = value else { return [] }
        return members.map { (String(decoding: $0.name, as: UTF8.self), SecretBytes($0.value.text ?? [])) }
    }

    /// Reads a document for `POST /putxml`: elements within each other, the one with `command="True"` last, its
    /// parameters in it; nil if it is none.
    init?(xml line: SecretBytes) {
        var rest = line.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }[...]
        var path: [String] = []
        var parameters: [(name: String, value: SecretBytes)] = []
        var isCommand = false
        while let tag = DeviceCall.tag(&rest) {
            if tag.hasPrefix("/") || tag.hasPrefix("?") { continue }
            guard let name = tag.split(separator: " ").first.map(String.init) else { return nil }
            if isCommand {
                guard let end = rest.range(of: "</\(name)>") else { return nil }
                let value = String(rest[..<end.lowerBound])
                parameters.append((name, SecretBytes(DeviceCall.unescaped(value).utf8)))
                rest = rest[end.upperBound...]
            } else if path.isEmpty, name == "Command" {
                path.append("xcommand")
            } else {
                path.append(name)
                isCommand = tag.lowercased().contains("command=\"true\"")
            }
        }
        guard isCommand, path.first == "xcommand" else { return nil }
        self.init(path: path, parameters: parameters)
    }

    private static func tag(_ rest: inout Substring) -> String? {
        guard let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") else { return nil }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[rest.index(after: start)..<end])
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&apos;", with: "'").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }
}
