import Foundation

/// What JSON's readers pass over.
package enum JSONMembers {
    /// The name of a member that comes twice in the object that `bytes` are, whose further values count for nothing to
    /// some readers and whose first ones to others; nil if none does.
    ///
    /// `bytes` are known to be an object of JSON.
    package static func repeated(in bytes: [UInt8]) -> String? {
        var names: Set<String> = []
        var depth = 0
        var start: Int?
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let first = place
                place += 1
                while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                    place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
                }
                start = first
            case UInt8(ascii: ":") where depth == 1:
                guard let first = start.take() else { break }
                let end = bytes[first..<place].lastIndex(of: UInt8(ascii: "\"")) ?? first
                guard first < end, let name = try? JSONDecoder().decode(String.self, from: Data(bytes[first...end]))
                else { break }
                if !names.insert(name).inserted { return name }
            default: break
            }
            place += 1
        }
        return nil
    }
}
