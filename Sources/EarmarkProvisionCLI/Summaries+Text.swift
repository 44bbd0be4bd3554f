import EarmarkProvisioning
import EarmarkReport

extension CertificateSummary {
    /// The certificate for people.
    var human: String {
        Table.list([
            "common name": commonName,
            "other names": alternativeNames.isEmpty ? nil : alternativeNames.joined(separator: ", "),
            "issuer": issuer, "serial number": serialNumber, "valid from": notBefore,
            "valid to": "\(notAfter) (\(daysLeft) days)", "fingerprint": fingerprint, "SHA-256": sha256,
        ])
    }
}

extension BundleSummary {
    /// The check for people.
    var human: String {
        var parts = [Table.list(["verdict": verdict])]
        if let certificate { parts.append(certificate.human) }
        if !findings.isEmpty {
            parts.append(findings.map { "\($0.severity) \($0.code): \($0.message)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}

extension EnvelopeSummary {
    /// The facts for people.
    var human: String {
        Table.list([
            "action": action, "encryption": cipher, "salt": "\(saltBytes) bytes, \(salt)",
            "payload": "\(payloadBytes) bytes", "header": header,
        ])
    }
}

extension PayloadSummary {
    /// The payload for people.
    var human: String {
        Table.list([
            "action": action, "payload": "\(kind), \(bytes) bytes", "fingerprint": fingerprint,
            "common name": certificate?.commonName, "valid to": certificate?.notAfter,
        ])
    }
}

extension ExpirySurvey {
    /// The certificates for people.
    var human: String {
        var table = Table("DAYS", "STATE", "ENDS", "COMMON NAME", "FILE")
        for row in certificates {
            table.add(String(row.daysLeft), row.state, row.notAfter, row.commonName ?? "-", row.file)
        }
        return table.text
    }
}
