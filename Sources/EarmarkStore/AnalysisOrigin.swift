package import EarmarkFiles
import Foundation
import GRDB

/// Where a refusal came from that a worker made: what is stored in the place of evidence.
package struct RefusalOrigin: Codable, Equatable, Sendable {
    /// The worker's bundle.
    package let bundle: BundleID
    /// When the worker refused, by its clock, ISO 8601 in UTC.
    package let workerDate: String

    /// Bundles the parts.
    package init(bundle: BundleID, workerDate: String) {
        self.bundle = bundle
        self.workerDate = workerDate
    }
}

extension AnalysisDraft {
    /// The sealed bundle with which a worker came to it; nil where that was done where the store is.
    package var bundle: BundleID? {
        struct Made: Decodable {
            let bundle: BundleID?
        }
        let told =
            switch outcome {
            case .verdict: report
            case .refusal: evidence
            }
        return told.flatMap { try? JSONDecoder().decode(Made.self, from: Data($0)) }?.bundle
    }
}

extension Store {
    /// When bundles were revoked, by bundle; those that were not are left out.
    ///
    /// Each is verified; that none was taken out is the caller's to know.
    /// - Throws: `rowsAltered`.
    package func revocations() throws(StoreError) -> [BundleID: Timestamp] {
        try read { database, vouching in
            let rows = try Row.fetchAll(database, sql: "SELECT id, revokedAt FROM bundles")
            return try rows.reduce(into: [:]) { times, row in
                let id: BundleID = try row.get("id")
                if let vouching { try vouching.verify(.bundle(id), database) }
                times[id] = try row.get("revokedAt") as Timestamp?
            }
        }
    }
}
