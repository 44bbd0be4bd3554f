public import EarmarkFiles
// Publicly, since whoever sees these types sees what they conform to; nothing else of the library is shown.
public import GRDB

/// Stored as INTEGER, Unix seconds.
extension Timestamp: DatabaseValueConvertible {
    /// The seconds.
    public var databaseValue: DatabaseValue { seconds.databaseValue }

    /// Reads an integer.
    public static func fromDatabaseValue(_ value: DatabaseValue) -> Timestamp? {
        Int64.fromDatabaseValue(value).map { Timestamp(seconds: $0) }
    }
}

/// Stored as TEXT.
extension DatabaseValueConvertible where Self: StoredID {
    /// The text.
    public var databaseValue: DatabaseValue { text.databaseValue }

    /// Reads a text.
    public static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
        String.fromDatabaseValue(value).map { Self($0) }
    }
}

extension AnalysisID: DatabaseValueConvertible {}
extension BundleID: DatabaseValueConvertible {}
extension ClientID: DatabaseValueConvertible {}
extension MeetingID: DatabaseValueConvertible {}
extension OrganisationID: DatabaseValueConvertible {}
extension TicketID: DatabaseValueConvertible {}
