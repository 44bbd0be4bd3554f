public import Foundation

extension DeviceSimulator {
    /// What `Services Show` prints: a row for each field of each stored certificate.
    public func servicesShow() -> String {
        var lines = ["*r ServicesShowResult (status=OK):"]
        for (index, entry) in stored.enumerated() {
            let leaf = entry.leaf
            let fields: [(String, String)] = [
                ("Fingerprint", leaf.fingerprint.text), ("HashingAlgorithm", "sha1"), ("IssuerName", leaf.issuer),
                ("SerialNumber", leaf.serialNumber.uppercased()), ("SubjectName", "/CN=" + (leaf.commonName ?? "")),
                ("UsedFor", leaf.fingerprint == active ? "WebexIdentity" : ""),
                ("notAfter", DeviceSimulator.time(leaf.notAfter)), ("notBefore", DeviceSimulator.time(leaf.notBefore)),
            ]
            for (name, value) in fields {
                lines.append("*r ServicesShowResult Details \(index + 1) \(name): \"\(DisplayText.escaped(value))\"")
            }
        }
        return (lines + ["** end", ""]).joined(separator: "\n")
    }

    /// What `xStatus Conference EndToEndEncryption` prints: the documented names.
    ///
    /// The values are choices, for their sets are not documented.
    public func status(at date: Date) -> String {
        let prefix = "*s Conference EndToEndEncryption"
        guard let leaf = stored.first(where: { $0.leaf.fingerprint == active })?.leaf else {
            return """
                \(prefix) Availability: Available
                \(prefix) ExternalIdentity Identity: ""
                \(prefix) ExternalIdentity Status: "None"
                \(prefix) ExternalIdentity Verification: Off
                ** end

                """
        }
        let isValid = (leaf.notBefore...leaf.notAfter).contains(date)
        let certificate = "\(prefix) ExternalIdentity CertificateChain Certificate 1"
        return """
            \(prefix) Availability: Available
            \(certificate) Fingerprint: "\(leaf.fingerprint)"
            \(certificate) NotAfter: "\(DeviceSimulator.time(leaf.notAfter))"
            \(certificate) NotBefore: "\(DeviceSimulator.time(leaf.notBefore))"
            \(certificate) PrimaryName: "\(DisplayText.escaped(leaf.commonName ?? ""))"
            \(certificate) SerialNumber: "\(leaf.serialNumber.uppercased())"
            \(certificate) Validity: \(isValid ? "Valid" : "Expired")
            \(prefix) ExternalIdentity Identity: "\(DisplayText.escaped(leaf.commonName ?? ""))"
            \(prefix) ExternalIdentity Status: "\(isValid ? "Valid" : "Error")"
            \(prefix) ExternalIdentity Verification: On
            ** end

            """
    }

    /// `Aug 08 03:04:26 2023 GMT`, as devices print times.
    private static func time(_ date: Date) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func padded(_ value: Int?) -> String {
            let text = String(value ?? 0)
            return text.count < 2 ? "0" + text : text
        }
        let month = months[max(0, min((parts.month ?? 1) - 1, months.count - 1))]
        let clock = [parts.hour, parts.minute, parts.second].map(padded).joined(separator: ":")
        return "\(month) \(padded(parts.day)) \(clock) \(parts.year ?? 0) GMT"
    }
}
