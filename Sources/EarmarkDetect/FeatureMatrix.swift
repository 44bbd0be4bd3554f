import EarmarkDSP
import EarmarkMark

/// The features of a whole recording: for each frame one number per dipole, quantised to eight bits.
///
/// Quantisation costs less than 0.01 dB of detection power and lets nine hours fit in 65 MB. Shape: frames x 28.
package struct FeatureMatrix: Sendable {
    /// Which track of the file it is of; sources that are heard in it bear that number.
    package var track = 0
    /// Numbers in a row.
    package static let columns = 28
    /// What 1.0 is stored as: features lie within +-1.7.
    package static let scale: Float = 74

    /// Row-major values.
    package private(set) var values: [Int8] = []

    /// Cells of each row that are peaks, dipole p in bit p.
    package private(set) var peaks: [UInt32] = []

    /// Changes of the host that content cells of a chip centred at row 2 r depend on (`ContentTrack`), row r.
    ///
    /// Shape: half of the rows x `ContentLayout.differenceCount`; empty in features for a search.
    package private(set) var changes: [Int8] = []

    /// Rows in which the recording carries no more than a telephone does.
    package private(set) var narrowFrames = 0

    /// Rows.
    package var frames: Int { values.count / FeatureMatrix.columns }

    /// Slope of the features, per decibel of level difference, summed over frames, by dipole: what a mark of 1 dB would
    /// have added.
    ///
    /// In stored units.
    package private(set) var slopes = [Double](repeating: 0, count: columns)

    /// Slopes as above, each times the share of the cell's power that stands above the noise floor: what is left of a
    /// mark of 1 dB where noise came on top.
    package private(set) var heardSlopes = [Double](repeating: 0, count: columns)

    /// Slopes as above over the cells that are peaks.
    package private(set) var peakSlopes = [Double](repeating: 0, count: columns)

    /// `expectedSeconds` reserves memory, so that growing does not copy; it may be wrong.
    package init(expectedSeconds: Double = 0) {
        // A day at most: the number may come from a hostile header.
        let seconds = expectedSeconds.isFinite ? min(max(expectedSeconds, 0), 86_400) : 0
        // Headers round; one row too many would copy everything. A per cent costs nothing until it is touched.
        let rows = Int(seconds * FeatureLayout.framesPerSecond * 1.01) + 1_000
        values.reserveCapacity(rows * FeatureMatrix.columns)
        peaks.reserveCapacity(rows)
        changes.reserveCapacity((rows / 2 + 1) * ContentLayout.differenceCount)
    }

    /// Counts a row of a recording that is as narrow as a telephone.
    package mutating func countNarrow() { narrowFrames += 1 }

    /// Appends a row of changes.
    package mutating func append(changes row: [Int8]) { changes.append(contentsOf: row) }

    /// Index into `changes` of the row nearest to `frame`; nil where none is known.
    @inline(__always)
    package func changeRow(frame: Double) -> Int? {
        let row = Int((frame / 2).rounded()) * ContentLayout.differenceCount
        return row >= 0 && row + ContentLayout.differenceCount <= changes.count ? row : nil
    }

    /// Some rows of features for a search, without what tells the level.
    func rows(_ range: Range<Int>) -> FeatureMatrix {
        var part = FeatureMatrix()
        part.values = Array(
            values[range.lowerBound * FeatureMatrix.columns..<range.upperBound * FeatureMatrix.columns])
        part.peaks = .init(repeating: 0, count: range.count)
        return part
    }

    /// Appends `count` rows, the k-th of which lies at row k / `rate` of `other`, by linear interpolation.
    ///
    /// Shares are taken in steps of 1/256, finer than what is stored. `other` must have two rows or more.
    mutating func appendRows(_ count: Int, of other: FeatureMatrix, rate: Double) {
        precondition(other.frames > 1)
        let columns = FeatureMatrix.columns
        let first = values.count
        values.append(contentsOf: repeatElement(0, count: count * columns))
        unsafe other.values.withUnsafeBufferPointer { source in
            unsafe values.withUnsafeMutableBufferPointer { target in
                for frame in 0..<count {
                    let position = Double(frame) / rate
                    let row = min(Int(position), other.frames - 2)
                    let later = Int16(min(256, max(0, (position - Double(row)) * 256)))
                    let here = row * columns
                    let base = first + frame * columns
                    for column in 0..<columns {
                        // 127 x 256 fits sixteen bits.
                        let sum =
                            unsafe Int16(source[here + column]) &* (256 &- later)
                            &+ Int16(source[here + columns + column]) &* later
                        unsafe target[base + column] = Int8(truncatingIfNeeded: (sum &+ 128) &>> 8)
                    }
                    peaks.append(other.peaks[later < 128 ? row : row + 1])
                    if (first / columns + frame) & 1 == 0, let change = other.changeRow(frame: position) {
                        changes += other.changes[change..<change + ContentLayout.differenceCount]
                    }
                }
            }
        }
    }

    /// Takes over the slopes of features that were resampled to this many rows.
    package mutating func takeSlopes(of other: FeatureMatrix) {
        let stretch = Double(frames) / Double(max(1, other.frames))
        slopes = other.slopes.map { $0 * stretch }
        heardSlopes = other.heardSlopes.map { $0 * stretch }
        peakSlopes = other.peakSlopes.map { $0 * stretch }
        narrowFrames = Int(Double(other.narrowFrames) * stretch)
    }

    /// Adds to a dipole's slopes over peaks.
    package mutating func addPeakSlope(_ sum: Float, dipole: Int) {
        peakSlopes[dipole] += Double(sum) * Double(FeatureMatrix.scale)
    }

    /// Peaks by dipole.
    package func peakCounts() -> [Int] {
        var counts = [Int](repeating: 0, count: FeatureMatrix.columns)
        for mask in peaks {
            for dipole in 0..<FeatureMatrix.columns { counts[dipole] += Int(mask >> UInt32(dipole) & 1) }
        }
        return counts
    }

    /// Adds to the slopes, and to those of what is heard; count: 32 lanes, of which 28 count.
    package mutating func addSlopes(_ sums: [SIMD8<Float>], heard: [SIMD8<Float>]) {
        for dipole in 0..<FeatureMatrix.columns {
            slopes[dipole] += Double(sums[dipole / 8][dipole % 8]) * Double(FeatureMatrix.scale)
            heardSlopes[dipole] += Double(heard[dipole / 8][dipole % 8]) * Double(FeatureMatrix.scale)
        }
    }

    /// Sums of squares by dipole, in stored units.
    package func energies() -> [Double] {
        var sums = [Int64](repeating: 0, count: FeatureMatrix.columns)
        var index = 0
        while index < values.count {
            for dipole in 0..<FeatureMatrix.columns {
                let value = Int64(values[index + dipole])
                sums[dipole] += value * value
            }
            index += FeatureMatrix.columns
        }
        return sums.map(Double.init)
    }

    /// Appends a row of four vectors, 28 lanes of which count.
    package mutating func append(
        _ v0: SIMD8<Float>, _ v1: SIMD8<Float>, _ v2: SIMD8<Float>, _ v3: SIMD8<Float>, peaks mask: UInt32 = 0
    ) {
        peaks.append(mask)
        appendLanes(v0, 8)
        appendLanes(v1, 8)
        appendLanes(v2, 8)
        appendLanes(v3, 4)
    }

    private mutating func appendLanes(_ vector: SIMD8<Float>, _ count: Int) {
        let limit = SIMD8<Float>(repeating: 127)
        let scaled = (vector * FeatureMatrix.scale).greater(-limit).lesser(limit)
        // Added to 1.5 x 2^23, a small number is rounded to nearest even and stands in the lowest bits of the sum.
        let bits = SIMD8<UInt32>(unsafeBitPattern: scaled + 12_582_912)
        let rounded = SIMD8<Int8>(truncatingIfNeeded: bits)
        for lane in 0..<count { values.append(rounded[lane]) }
    }
}
