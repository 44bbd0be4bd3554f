/// What a cell of the plane carries.
public enum CellRole: UInt8, Sendable {
    /// The same sign in every period of the meeting, for synchronisation.
    case pilot
    /// A sign fresh in every period and shared by all clients: says which period this is.
    case timeline
    /// A sign fresh in every period and known only to one client's ticket.
    case identity
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
    /// Signs (+1 or -1) of `pilotCells`, in their order.
    public let pilotSigns: [Int8]

    /// Nonces of the two streams under the pilot seed.
    private enum Stream: UInt64 {
        case roles = 0
        case signs = 1
    }

    /// Ways to deal 2 pilot and 1 timeline cell among 8: 8 x C(7, 2).
    private static let dealCount = 168

    /// Deals the roles and draws the pilot signs from `seed`.
    public init(pilotSeed seed: Seed) {
        let roles = CellPlan.dealRoles(seed)
        self.roles = roles
        func cells(_ role: CellRole) -> [Int32] { roles.indices.filter { roles[$0] == role }.map(Int32.init) }
        pilotCells = cells(.pilot)
        timelineCells = cells(.timeline)
        identityCells = cells(.identity)
        var bits = [UInt8](repeating: 0, count: MarkLayout.pilotCellsPerPeriod / 8)
        ChaCha20(seed: seed).keystream(nonce: Stream.signs.rawValue, into: &bits)
        pilotSigns = (0..<MarkLayout.pilotCellsPerPeriod).map { 1 - 2 * Int8(bits[$0 / 8] >> UInt8($0 % 8) & 1) }
    }

    private static func dealRoles(_ seed: Seed) -> [CellRole] {
        let groups = MarkLayout.chipsPerPeriod / MarkLayout.chipsPerGroup
        // A byte is accepted with probability 168/256; four times the need fails with probability < 1e-900.
        var bytes = [UInt8](repeating: 0, count: 4 * groups * MarkLayout.dipoleCount)
        ChaCha20(seed: seed).keystream(nonce: Stream.roles.rawValue, into: &bytes)
        var deals = bytes.lazy.filter { $0 < UInt8(dealCount) }.makeIterator()
        var roles = [CellRole](repeating: .identity, count: MarkLayout.cellsPerPeriod)
        for group in 0..<groups {
            for dipole in 0..<MarkLayout.dipoleCount {
                let (timeline, first, second) = positions(ofDeal: Int(deals.next() ?? 0))
                func cell(_ chip: Int) -> Int {
                    (group * MarkLayout.chipsPerGroup + chip) * MarkLayout.dipoleCount + dipole
                }
                roles[cell(timeline)] = .timeline
                roles[cell(first)] = .pilot
                roles[cell(second)] = .pilot
            }
        }
        return roles
    }

    /// Unranks a deal: the timeline chip, then an unordered pair of the remaining seven chips.
    private static func positions(ofDeal deal: Int) -> (timeline: Int, first: Int, second: Int) {
        let timeline = deal % 8
        var rest = deal / 8
        var first = 0
        while rest >= 6 - first {
            rest -= 6 - first
            first += 1
        }
        let second = first + 1 + rest
        func skip(_ position: Int) -> Int { position < timeline ? position : position + 1 }
        return (timeline, skip(first), skip(second))
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
