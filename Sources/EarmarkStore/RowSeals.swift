import Crypto
import EarmarkFiles
import Foundation
import GRDB

/// Authenticates rows of the database under keys that are derived from the key file's audit key.
///
/// A scope's seal binds its rows, all of them and in their order, to the store and to the scope. The sum of all seals
/// stands, encrypted, in the log's head; so neither can a scope be dropped with its seal, nor an older one be put back.
struct RowSeals: Sendable {
    /// A sum over all seals: terms are added and taken out lane by lane, modulo 2^64.
    typealias Sum = SIMD4<UInt64>

    let storeID: String
    private let rowKey: SymmetricKey
    private let termKey: SymmetricKey
    private let sumKey: SymmetricKey

    init(storeID: String, auditKey: [UInt8]) {
        self.storeID = storeID
        func derived(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: auditKey), info: Data("earmark/v1/seals/\(purpose)".utf8),
                outputByteCount: KeyFile.keyByteCount)
        }
        rowKey = derived("rows")
        termKey = derived("terms")
        sumKey = derived("sum")
    }

    // MARK: Seals

    /// The seal of the rows that a scope has now; nil if it has none.
    ///
    /// - Parameter keep: takes each row with the place of its query.
    func seal(
        of scope: SealScope, _ database: Database, _ keep: ((Int, Row) -> Void)? = nil
    ) throws -> [UInt8]? {
        var code = HMAC<SHA256>(key: rowKey)
        var buffer: [UInt8] = []
        Self.add("earmark/v1/seal", to: &buffer)
        Self.add(storeID, to: &buffer)
        Self.add(scope.name, to: &buffer)
        var count = 0
        for (place, query) in scope.queries.enumerated() {
            let statement = try database.cachedStatement(sql: query)
            let names = statement.columnNames
            for name in names { Self.add(name, to: &buffer) }
            let columns = names.indices.filter { !SealScope.otherwiseSealed.contains(names[$0]) }
            let rows = try Row.fetchCursor(statement, arguments: scope.arguments)
            while let row = try rows.next() {
                count += 1
                keep?(place, row)
                buffer.append(Self.rowMark)
                for column in columns { Self.add(row[column] as DatabaseValue, to: &buffer) }
                guard buffer.count >= Self.bytesAtATime else { continue }
                code.update(data: buffer)
                buffer.removeAll(keepingCapacity: true)
            }
            buffer.append(Self.endMark)
        }
        guard count > 0 else { return nil }
        code.update(data: buffer)
        return Array(code.finalize())
    }

    /// What a seal adds to the sum; keyed, so that whoever sees seals cannot find others that add up alike.
    func term(_ name: String, _ seal: [UInt8]) -> Sum {
        let code = HMAC<SHA256>.authenticationCode(for: Data(name.utf8) + Data([0]) + Data(seal), using: termKey)
        var sum = Sum()
        for (index, byte) in code.enumerated() { sum[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8) }
        return sum
    }

    /// Authenticates that a purge was begun.
    func seal(ofPurge id: MeetingID, at time: Timestamp) -> [UInt8] {
        var buffer: [UInt8] = []
        for text in ["earmark/v1/purge", storeID, id.text, "\(time.seconds)"] { Self.add(text, to: &buffer) }
        return Array(HMAC<SHA256>.authenticationCode(for: buffer, using: rowKey))
    }

    // MARK: The sum

    /// The sum, encrypted, so that nobody learns which changes cancel out; bound to the log's head.
    func sealed(_ sum: Sum, count: Int64, head: [UInt8]) throws -> [UInt8] {
        let bytes = (0..<4).flatMap { lane in (0..<8).map { UInt8(truncatingIfNeeded: sum[lane] >> UInt64($0 * 8)) } }
        let box = try AES.GCM.seal(bytes, using: sumKey, authenticating: Data("\(storeID) \(count) ".utf8) + Data(head))
        // nil only for nonces of unusual length.
        return Array(box.combined ?? Data())
    }

    /// Opens a sealed sum; nil if it is not the one of this head.
    func sum(_ sealed: [UInt8], count: Int64, head: [UInt8]) -> Sum? {
        let context = Data("\(storeID) \(count) ".utf8) + Data(head)
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let bytes = try? AES.GCM.open(box, using: sumKey, authenticating: context), bytes.count == 32
        else { return nil }
        var sum = Sum()
        for (index, byte) in bytes.enumerated() { sum[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8) }
        return sum
    }

    // MARK: Bytes

    /// Bytes of rows that are authenticated at a time: a call for each row would cost as much as its bytes.
    private static let bytesAtATime = 1 << 14
    private static let rowMark: UInt8 = 1
    private static let endMark: UInt8 = 2

    /// Each value with its type and length, so that no two rows read alike.
    private static func add(_ value: DatabaseValue, to buffer: inout [UInt8]) {
        switch value.storage {
        case .null: buffer.append(0)
        case .int64(let number):
            buffer.append(1)
            add(UInt64(bitPattern: number), to: &buffer)
        case .double(let number):
            buffer.append(2)
            add(number.bitPattern, to: &buffer)
        case .string(let text): add(text, to: &buffer)
        case .blob(let data):
            buffer.append(4)
            add(UInt64(data.count), to: &buffer)
            buffer += data
        }
    }

    private static func add(_ text: String, to buffer: inout [UInt8]) {
        buffer.append(3)
        add(UInt64(text.utf8.count), to: &buffer)
        buffer += text.utf8
    }

    private static func add(_ number: UInt64, to buffer: inout [UInt8]) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            buffer.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
