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

extension Row {
    /// The value of a column, which must be of the type that Earmark writes; an optional one may be NULL.
    ///
    /// - Throws: `rowsAltered`.
    func get<Value: DatabaseValueConvertible>(_ name: String) throws(StoreError) -> Value {
        try Self.checked(self[name], name)
    }

    /// The same by the column's place.
    func get<Value: DatabaseValueConvertible>(_ index: Int) throws(StoreError) -> Value {
        try Self.checked(self[index], "column \(index + 1)")
    }

    private static func checked<Value: DatabaseValueConvertible>(
        _ stored: DatabaseValue, _ name: String
    ) throws(StoreError) -> Value {
        // Neither converted, such as a text to a number, nor taken for what it is not.
        if let value = Value.fromDatabaseValue(stored), value.databaseValue == stored { return value }
        throw foreignValue(name)
    }

    /// That a value is none that Earmark writes.
    static func foreignValue(_ name: String) -> StoreError {
        StoreError(
            .rowsAltered, "the database holds a value that Earmark did not write ('\(name)')", advice: .restoreBackup)
    }
}
