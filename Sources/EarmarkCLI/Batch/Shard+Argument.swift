import ArgumentParser
import EarmarkBatch

extension Shard: ExpressibleByArgument {
    /// Reads `3/8`.
    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
        self.init(index: index, count: count, origin: nil)
    }
}
