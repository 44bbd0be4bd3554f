/// What a cell of the plane carries.
public enum CellRole: UInt8, Sendable {
    /// The same sign in every period of the meeting, for synchronisation.
    case pilot
    /// A sign fresh in every period and shared by all clients: says which period this is.
    case timeline
    /// A sign fresh in every period and known only to one client's ticket.
    case identity
    /// A sign as of `identity` that also depends on what the host did a moment before (`ContentLayout`).
    case content
}

/// The role of every cell of a meeting and its pilot signs, drawn once from the pilot seed.
///
/// Cells are numbered `chip * dipoleCount + dipole`. The cells of a role are listed in ascending order; bit `j` of a
/// period's keystream (byte `j / 8`, bit `j % 8`, least significant first) is the sign of the `j`-th cell of the list.
public struct CellPlan: Sendable {
    /// Role of every cell.
    ///
    /// Count: `MarkLayout.cellsPerPeriod`.
    public let roles: [CellRole]
    /// Pilot cells in ascending order.
    ///
    /// Count: `MarkLayout.pilotCellsPerPeriod`.
    public let pilotCells: [Int32]
    /// Timeline cells in ascending order.
    ///
    /// Count: `MarkLayout.timelineCellsPerPeriod`.
    public let timelineCells: [Int32]
    /// Identity cells in ascending order.
    ///
    /// Count: `MarkLayout.identityCellsPerPeriod`.
    public let identityCells: [Int32]
    /// Content cells in ascending order.
    ///
    /// Count: `MarkLayout.contentCellsPerPeriod`.
    public let contentCells: [Int32]
    /// The differences of the host (`ContentLayout`) that make the bits of each content cell's word, least significant
    /// first.
    ///
    /// Shape: content cells x `ContentLayout.bitsPerWord`.
    public let contentDifferences: [UInt8]
    /// Signs (+1 or -1) of `pilotCells`, in their order.
    public let pilotSigns: [Int8]

    /// Nonces of the two streams under the pilot seed.
    private enum Stream: UInt64 {
        case roles = 0
        case signs = 1
        case differences = 2
    }

    /// Ways to deal 1 timeline, 1 content and 2 pilot cells among 8: 8 x 7 x C(6, 2).
    private static let dealCount: UInt16 = 840
    /// Ways to choose 3 of 13 differences.
    private static let choiceCount: UInt16 = 286

    /// Deals the roles and draws the pilot signs from `seed`.
    public init(pilotSeed seed: Seed) {
        let roles = CellPlan.dealRoles(seed)
        self.roles = roles
        func cells(_ role: CellRole) -> [Int32] { roles.indices.filter { roles[$0] == role }.map(Int32.init) }
        pilotCells = cells(.pilot)
        timelineCells = cells(.timeline)
        identityCells = cells(.identity)
        contentCells = cells(.content)
        contentDifferences = CellPlan.chooseDifferences(seed)
        var bits = [UInt8](repeating: 0, count: MarkLayout.pilotCellsPerPeriod / 8)
        ChaCha20(seed: seed).keystream(nonce: Stream.signs.rawValue, into: &bits)
        pilotSigns = (0..<MarkLayout.pilotCellsPerPeriod).map { 1 - 2 * Int8(bits[$0 / 8] >> UInt8($0 % 8) & 1) }
    }

    /// Places in `contentCells` of the first one of each chip, and behind the last.
    ///
    /// Count: `MarkLayout.chipsPerPeriod` and one.
    package var contentStarts: [Int] {
        var starts = [Int](repeating: 0, count: MarkLayout.chipsPerPeriod + 1)
        for cell in contentCells { starts[Int(cell) / MarkLayout.dipoleCount + 1] += 1 }
        for chip in 0..<MarkLayout.chipsPerPeriod { starts[chip + 1] += starts[chip] }
        return starts
    }

    /// The word of the content cell at `index`, 0..<8, where bit d of `differences` is the sign of difference d.
    @inline(__always)
    package func word(ofContentCell index: Int, differences: UInt32) -> UInt8 {
        let first = index * ContentLayout.bitsPerWord
        var word: UInt32 = 0
        for bit in 0..<ContentLayout.bitsPerWord {
            word |= (differences >> UInt32(contentDifferences[first + bit]) & 1) << UInt32(bit)
        }
        return UInt8(truncatingIfNeeded: word)
    }

    private static func dealRoles(_ seed: Seed) -> [CellRole] {
        let groups = MarkLayout.chipsPerPeriod / MarkLayout.chipsPerGroup
        let deals = draws(groups * MarkLayout.dipoleCount, below: dealCount, seed, .roles)
        var roles = [CellRole](repeating: .identity, count: MarkLayout.cellsPerPeriod)
        for group in 0..<groups {
            for dipole in 0..<MarkLayout.dipoleCount {
                let deal = Deal(deals[group * MarkLayout.dipoleCount + dipole])
                func cell(_ chip: Int) -> Int {
                    (group * MarkLayout.chipsPerGroup + chip) * MarkLayout.dipoleCount + dipole
                }
                roles[cell(deal.timeline)] = .timeline
                roles[cell(deal.content)] = .content
                roles[cell(deal.pilots.0)] = .pilot
                roles[cell(deal.pilots.1)] = .pilot
            }
        }
        return roles
    }

    private static func chooseDifferences(_ seed: Seed) -> [UInt8] {
        draws(MarkLayout.contentCellsPerPeriod, below: choiceCount, seed, .differences).flatMap(choice)
    }

    /// `count` numbers below `limit`, each equally likely, from 16-bit words of a stream, least significant byte first.
    ///
    /// Words at and above the highest multiple of `limit` are skipped: 16 and 42 of 65,536.
    private static func draws(_ count: Int, below limit: UInt16, _ seed: Seed, _ stream: Stream) -> [Int] {
        // Of 64 words to spare, one in a thousand is needed.
        let spare = 64
        var bytes = [UInt8](repeating: 0, count: 2 * (count + spare))
        ChaCha20(seed: seed).keystream(nonce: stream.rawValue, into: &bytes)
        let end = UInt16.max / limit * limit
        var numbers = [Int](repeating: 0, count: count)
        var next = 0
        for index in 0..<count + spare where next < count {
            let word = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
            guard word < end else { continue }
            numbers[next] = Int(word % limit)
            next += 1
        }
        return numbers
    }

    /// Where the chips of a group are dealt to.
    private struct Deal {
        let timeline: Int
        let content: Int
        let pilots: (Int, Int)

        /// Unranks a deal: the timeline chip, the content chip of the remaining seven, an unordered pair of six.
        init(_ deal: Int) {
            timeline = deal % 8
            let second = deal / 8 % 7
            var rest = deal / 56
            var first = 0
            while rest >= 5 - first {
                rest -= 5 - first
                first += 1
            }
            let timeline = timeline
            func skipTimeline(_ position: Int) -> Int { position < timeline ? position : position + 1 }
            content = skipTimeline(second)
            func skip(_ position: Int) -> Int { skipTimeline(position < second ? position : position + 1) }
            pilots = (skip(first), skip(first + 1 + rest))
        }
    }

    /// Unranks a choice of three differences, ascending.
    private static func choice(_ rank: Int) -> [UInt8] {
        var rest = rank
        for first in 0..<ContentLayout.differenceCount {
            for second in first + 1..<ContentLayout.differenceCount {
                let thirds = ContentLayout.differenceCount - 1 - second
                if rest < thirds { return [UInt8(first), UInt8(second), UInt8(second + 1 + rest)] }
                rest -= thirds
            }
        }
        return [0, 1, 2]
    }
}

/// Draws the signs of one role of one period, packed eight to a byte (1 means -1), least significant bit first.
public struct PeriodSigns: Sendable {
    private let stream: ChaCha20

    /// A source of signs under `seed`: a timeline seed or a client's identity seed.
    public init(seed: Seed) { stream = ChaCha20(seed: seed) }

    /// Fills `bits` with the signs of `period`, which may be negative.
    ///
    /// Give it `timelineCellsPerPeriod / 8` or `identityCellsPerPeriod / 8` bytes.
    public func fill(_ bits: inout [UInt8], period: Int64) {
        stream.keystream(nonce: UInt64(bitPattern: period), into: &bits)
    }
}
