import Foundation

/// Ways of handing a command to a device.
package enum CommandForm: String, CaseIterable, Sendable {
    /// Lines to paste at the device's terminal.
    case terminal
    /// JSON-RPC 2.0, as jsxapi speaks it over a WebSocket.
    case jsonRPC = "json-rpc"
    /// The body of `POST /v1/xapi/command/NAME` at the cloud.
    case rest
    /// The body of `POST /putxml` at the device.
    case putxml

    /// The text of `command` in this form, with its line end.
    ///
    /// - Parameters:
    ///   - command: what the device shall do.
    ///   - device: the device's identifier in the cloud, for `rest`; nil leaves a word to replace.
    ///   - id: number of the call in its session, for `jsonRPC`.
    package func text(_ command: DeviceCommand, device: String?, id: Int = 1) throws -> String {
        switch self {
        case .terminal: return command.terminal
        case .putxml: return command.xml
        case .jsonRPC:
            return try compact(
                RemoteCall(
                    id: id, method: command.method, params: .init(uniqueKeysWithValues: command.remoteParameters)))
        case .rest:
            return "POST /v1/xapi/command/\(command.cloudName)\n"
                + (try compact(
                    CloudCall(
                        deviceId: device ?? "DEVICE_ID",
                        arguments: .init(uniqueKeysWithValues: command.parameters.map { ($0.name, $0.value) }),
                        body: command.body)))
        }
    }

    private struct RemoteCall: Encodable {
        let jsonrpc = "2.0"
        let id: Int
        let method: String
        let params: [String: String]
    }

    private struct CloudCall: Encodable {
        let deviceId: String
        let arguments: [String: String]
        let body: String?
    }

    private func compact(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
