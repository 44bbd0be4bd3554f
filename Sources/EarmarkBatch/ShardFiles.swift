import Foundation

/// Finds missing parts by the names of result files.
enum ShardFiles {
    /// - Throws: `partsMissing` if some of N parts are named and not all.
    static func requireAll(_ files: [String]) throws(BatchError) {
        var parts: [Int: Set<Int>] = [:]
        for file in files {
            guard let shard = shard(of: file) else { continue }
            parts[shard.count, default: []].insert(shard.index)
        }
        for (count, present) in parts.sorted(by: { $0.key < $1.key }) {
            let missing = (1...count).filter { !present.contains($0) }
            guard missing.isEmpty else {
                let names = missing.prefix(5).map { "\($0)-of-\(count)" }.joined(separator: ", ")
                throw BatchError(
                    .partsMissing,
                    "\(missing.count) of \(count) parts are missing (\(names)\(missing.count > 5 ? ", …" : ""))")
            }
        }
    }

    private static func shard(of path: String) -> Shard? {
        let name = path.split(separator: "/").last ?? ""
        for part in name.split(separator: ".") {
            let words = part.components(separatedBy: "-of-")
            if words.count == 2, let index = Int(words[0]), let count = Int(words[1]) {
                return Shard(index: index, count: count, origin: nil)
            }
        }
        return nil
    }
}
