/// What a device can use a stored certificate for: the names of the vendor's guide.
public enum DevicePurpose: String, CaseIterable, Sendable {
    /// Encrypted meetings; its orders are sealed.
    case webexIdentity = "WebexIdentity"
    /// Access to wired and wireless networks.
    case ieee8021X = "802.1X"
    /// Sending logs.
    case audit = "Audit"
    /// The device's own web server.
    case https = "HTTPS"
    /// Requests of the device to web servers.
    case httpClient = "HttpClient"
    /// Pairing with clients.
    case pairing = "Pairing"
    /// Calls.
    case sip = "SIP"

    /// The purpose of this name, whatever its case.
    init?(word: String) {
        guard let found = DevicePurpose.allCases.first(where: { $0.rawValue.lowercased() == word.lowercased() }) else {
            return nil
        }
        self = found
    }
}
