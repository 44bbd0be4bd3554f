import EarmarkKernels
import EarmarkMark

/// Scores clients' signs at many alignments that differ by a shift, as `IdentityScorer` does at one.
///
/// Tags are looked for at dozens of delays. The signs of a period are drawn once for all of them, and eight alignments
/// are added up by every look into a table.
struct ShiftedScorer {
    private typealias Lanes = SIMD8<Float>
    /// Alignments that are scored side by side.
    private static let lanes = Lanes.scalarCount
    /// Clients whose signs are in memory at a time, 0.9 MB of them.
    private static let clientsPerPass = 2_048
    /// Clients from which on tables pay: one for each byte costs as much as the byte's signs of 32 clients.
    private static let leastTabulated = 32
    static let wholeStride = MarkLayout.identityCellsPerPeriod / 8

    private let cells: [Int32]
    private let collectors: [CellCollector]
    private let periods: [Int64]

    /// Bytes of each period's signs that are looked at.
    private let stride: Int

    /// Looks at the first `bytes` of each period's signs, a multiple of 16, all by default.
    init(plan: CellPlan, _ alignments: [Alignment], _ features: FeatureMatrix, bytes: Int = ShiftedScorer.wholeStride) {
        stride = bytes
        cells = Array(plan.identityCells.prefix(8 * bytes))
        collectors = alignments.map { CellCollector($0, features) }
        periods = Set(collectors.flatMap(\.periods)).sorted()
    }

    /// Calls `body` with z of each client, in order, by alignment.
    func forEach(_ seeds: [Seed], _ body: (_ z: [Double]) -> Void) {
        for first in Swift.stride(from: 0, to: seeds.count, by: ShiftedScorer.clientsPerPass) {
            let some = Array(seeds[first..<min(seeds.count, first + ShiftedScorer.clientsPerPass)])
            let sums = sums(of: some)
            for client in some.indices {
                body(collectors.indices.map { sums.z(client, clients: some.count, alignment: $0) })
            }
        }
    }

    /// What blocks of a client's signs show, in the order of its clock, at each alignment.
    struct Blocks {
        /// How many alignments there are.
        let alignments: Int
        /// Sums T of signed values, less all that rounding may have added; shape: blocks x alignments.
        var sums: [Double]
        /// Sums of their squares; the same shape.
        var energies: [Double]
        /// z over all blocks, by alignment, as `forEach` has it.
        var scores: [Double] = []

        /// How many blocks there are.
        var count: Int { sums.count / max(1, alignments) }

        /// All 0.
        init(count: Int, alignments: Int) {
            self.alignments = alignments
            sums = .init(repeating: 0, count: count * alignments)
            energies = sums
        }
    }

    /// Bytes of signs in a block: a seventh of a period, 2.3 s.
    private static let bytesPerBlock = 2 * SignKernel.bytesPerSum

    /// The signs of one client by blocks of its clock; each sign is in one block, whatever the alignment.
    func blocks(of seed: Seed) -> Blocks {
        let groups = (collectors.count + ShiftedScorer.lanes - 1) / ShiftedScorer.lanes
        let perPeriod = stride / ShiftedScorer.bytesPerBlock
        var blocks = Blocks(count: periods.count * perPeriod, alignments: collectors.count)
        let rounding = IdentityScorer.Scores.roundingShare * Double(8 * ShiftedScorer.bytesPerBlock).squareRoot()
        var sums = Sums(
            totals: .init(repeating: .zero, count: groups), energies: .init(repeating: 0, count: collectors.count),
            cells: .init(repeating: 0, count: collectors.count))
        let streams = SignStreams(seeds: [seed])
        var workspace = Workspace(clients: streams.rows, stride: stride)
        for (index, period) in periods.enumerated() {
            streams.fill(&workspace.bits, stride: stride, period: period)
            for group in 0..<groups {
                load(group, period, &workspace, &sums)
                let alignments = group * ShiftedScorer.lanes..<min(collectors.count, (group + 1) * ShiftedScorer.lanes)
                for block in 0..<perPeriod {
                    let part = workspace.block(block, bytes: ShiftedScorer.bytesPerBlock)
                    sums.totals[group] += part.sum
                    for alignment in alignments {
                        let place = (index * perPeriod + block) * collectors.count + alignment
                        let energy = part.energy[alignment % ShiftedScorer.lanes]
                        blocks.sums[place] = part.sum[alignment % ShiftedScorer.lanes] - rounding * energy.squareRoot()
                        blocks.energies[place] = energy
                    }
                }
            }
        }
        blocks.scores = collectors.indices.map { sums.z(0, clients: 1, alignment: $0) }
        return blocks
    }

    /// Sums over all periods.
    private struct Sums {
        /// T of every client, eight alignments to a vector; shape: groups of alignments x clients.
        var totals: [SIMD8<Double>]
        /// Sum of squares and number of cells that are not 0, by alignment.
        var energies: [Double]
        var cells: [Int]

        /// As in `IdentityScorer.Scores`.
        func z(_ client: Int, clients: Int, alignment: Int) -> Double {
            let total = totals[alignment / lanes * clients + client][alignment % lanes]
            return IdentityScorer.Scores(sums: [total], energy: energies[alignment], cells: cells[alignment], weight: 0)
                .z(0)
        }
    }

    private func sums(of seeds: [Seed]) -> Sums {
        let groups = (collectors.count + ShiftedScorer.lanes - 1) / ShiftedScorer.lanes
        var sums = Sums(
            totals: .init(repeating: .zero, count: groups * seeds.count),
            energies: .init(repeating: 0, count: collectors.count), cells: .init(repeating: 0, count: collectors.count))
        let streams = SignStreams(seeds: seeds)
        var workspace = Workspace(clients: streams.rows, stride: stride)
        for period in periods {
            streams.fill(&workspace.bits, stride: stride, period: period)
            for group in 0..<groups {
                load(group, period, &workspace, &sums)
                workspace.add(to: &sums.totals, from: group * seeds.count, clients: seeds.count)
            }
        }
        return sums
    }

    /// Loads the identity cells of a period at the alignments of a group.
    private func load(_ group: Int, _ period: Int64, _ workspace: inout Workspace, _ sums: inout Sums) {
        for lane in 0..<ShiftedScorer.lanes {
            let alignment = group * ShiftedScorer.lanes + lane
            if alignment < collectors.count {
                collectors[alignment].fill(&workspace.planes, plane: lane, period: period)
            } else {
                workspace.clear(plane: lane)
            }
        }
        let (energy, cells) = workspace.load(cells)
        for alignment in group * ShiftedScorer.lanes..<min(collectors.count, (group + 1) * ShiftedScorer.lanes) {
            sums.energies[alignment] += energy[alignment % ShiftedScorer.lanes]
            sums.cells[alignment] += Int(cells[alignment % ShiftedScorer.lanes])
        }
    }

    /// Memory of a pass, kept from period to period.
    private struct Workspace {
        var bits: [UInt8]
        private let stride: Int
        var values: [SIMD8<Float>]
        /// Cells of a period, plane by plane, one for each alignment of a group.
        var planes = [Float](repeating: 0, count: ShiftedScorer.lanes * MarkLayout.cellsPerPeriod)
        private var table = [SIMD8<Float>](
            repeating: .zero, count: SignKernel.bytesPerTable * SignKernel.entries)
        private var partial: [SIMD8<Float>]

        init(clients: Int, stride: Int) {
            self.stride = stride
            values = .init(repeating: .zero, count: 8 * stride)
            bits = .init(repeating: 0, count: clients * stride)
            partial = .init(repeating: .zero, count: clients)
        }

        mutating func clear(plane: Int) {
            for cell in plane * MarkLayout.cellsPerPeriod..<(plane + 1) * MarkLayout.cellsPerPeriod { planes[cell] = 0 }
        }

        /// Takes the values of `cells` from the planes; their sums of squares and how many are not 0, by plane.
        mutating func load(_ cells: [Int32]) -> (energy: SIMD8<Double>, cells: SIMD8<Int32>) {
            precondition(cells.count == values.count && cells.allSatisfy { 0..<Int32(MarkLayout.cellsPerPeriod) ~= $0 })
            var energy = SIMD8<Double>.zero
            var used = SIMD8<Int32>.zero
            unsafe Kernels.load(
                planes, size: MarkLayout.cellsPerPeriod, cells: cells, count: cells.count, into: &values,
                energy: &energy, used: &used)
            return (energy, used)
        }

        /// The values of a block with the signs of the first client, and their squares.
        func block(_ block: Int, bytes: Int) -> (sum: SIMD8<Double>, energy: SIMD8<Double>) {
            precondition(block >= 0 && 8 * bytes * (block + 1) <= values.count && bytes * (block + 1) <= bits.count)
            var (sum, energy) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
            unsafe bits.withUnsafeBufferPointer { bits in
                unsafe values.withUnsafeBufferPointer { values in
                    guard let bits = bits.baseAddress, let values = values.baseAddress else { return }
                    unsafe Kernels.sum(values + 8 * bytes * block, bits + bytes * block, bytes: bytes, to: &sum)
                    for index in 8 * bytes * block..<8 * bytes * (block + 1) {
                        let wide = unsafe SIMD8<Double>(values[index])
                        energy += wide * wide
                    }
                }
            }
            return (sum, energy)
        }

        /// Adds the values, with the signs of each client, to `totals` from `first` on.
        mutating func add(to totals: inout [SIMD8<Double>], from first: Int, clients: Int) {
            precondition(first >= 0 && first + clients <= totals.count && clients <= partial.count)
            unsafe totals.withUnsafeMutableBufferPointer { totals in
                guard let base = totals.baseAddress else { return }
                if clients < ShiftedScorer.leastTabulated {
                    unsafe sum(to: base + first, clients: clients)
                } else {
                    unsafe look(to: base + first, clients: clients)
                }
            }
        }

        private func sum(to totals: UnsafeMutablePointer<SIMD8<Double>>, clients: Int) {
            unsafe bits.withUnsafeBufferPointer { bits in
                guard let bits = bits.baseAddress else { return }
                for client in 0..<clients {
                    unsafe Kernels.sum(
                        values, bits + client * stride, bytes: stride, to: totals + client)
                }
            }
        }

        private mutating func look(to totals: UnsafeMutablePointer<SIMD8<Double>>, clients: Int) {
            unsafe bits.withUnsafeBufferPointer { bits in
                unsafe values.withUnsafeBufferPointer { values in
                    unsafe table.withUnsafeMutableBufferPointer { table in
                        guard let bits = bits.baseAddress, let values = values.baseAddress,
                            let table = table.baseAddress
                        else { return }
                        for byte in Swift.stride(from: 0, to: stride, by: SignKernel.bytesPerTable) {
                            for index in 0..<SignKernel.bytesPerTable {
                                unsafe Kernels.tabulate(
                                    values + 8 * (byte + index), into: table + index * SignKernel.entries)
                            }
                            unsafe Kernels.look(
                                table, bits + byte, stride: stride, bytes: SignKernel.bytesPerTable,
                                to: &partial, count: clients)
                            if (byte + SignKernel.bytesPerTable) % SignKernel.bytesPerSum == 0 {
                                unsafe Kernels.flush(&partial, to: totals, count: clients)
                            }
                        }
                    }
                }
            }
        }
    }
}
