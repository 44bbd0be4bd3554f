/// Reads features at the centres of chips; use `Kernels`.
@safe package enum ChipKernel {
    private typealias Lanes = SIMD8<Float>
    /// Features of a row, and cells of a chip: three vectors of eight and one of four.
    package static let columns = 28

    /// A straight piece of a track: recording frame `middle + (m - offset - middle) / (1 + slope)` shows meeting frame
    /// m.
    package typealias Line = (middle: Double, offset: Double, slope: Double)

    /// Adds to each of `count` chips' cells the weighted features of its centre, between two rows.
    ///
    /// The first chip's centre is meeting frame `centre`, and each further one's `step` frames later; those outside the
    /// `frames` rows of `values` are left out. Shape of `values`: frames x columns; of `cells`: count x columns.
    package static func add(
        _ values: UnsafePointer<Int8>, frames: Int, centre: Double, step: Double, line: Line,
        weights: UnsafePointer<Float>, to cells: UnsafeMutablePointer<Float>, count: Int
    ) {
        for chip in 0..<count {
            let meeting = centre + Double(chip) * step
            let position = line.middle + (meeting - line.offset - line.middle) / (1 + line.slope)
            let row = Int(position.rounded(.down))
            guard row >= 0 && row + 1 < frames else { continue }
            let share = Float(position - Double(row))
            let here = unsafe UnsafeRawPointer(values + row * columns)
            let weights = unsafe UnsafeRawPointer(weights)
            let chip = unsafe UnsafeMutableRawPointer(cells + chip * columns)
            unsafe add(here, share, weights, 0, to: chip)
            unsafe add(here, share, weights, 8, to: chip)
            unsafe add(here, share, weights, 16, to: chip)
            unsafe addLast(here, share, weights, 24, to: chip)
        }
    }

    @inline(__always)
    private static func add(
        _ row: UnsafeRawPointer, _ share: Float, _ weights: UnsafeRawPointer, _ first: Int,
        to cells: UnsafeMutableRawPointer
    ) {
        func features(_ at: Int) -> Lanes {
            let words = unsafe row.loadUnaligned(fromByteOffset: at, as: SIMD8<Int8>.self)
            return Lanes(SIMD8<Int32>(truncatingIfNeeded: words))
        }
        let here = features(first)
        let place = first * MemoryLayout<Float>.stride
        let weight = unsafe weights.loadUnaligned(fromByteOffset: place, as: Lanes.self)
        let sum = unsafe cells.loadUnaligned(fromByteOffset: place, as: Lanes.self)
        let value = here + share * (features(first + columns) - here)
        unsafe cells.storeBytes(of: sum + weight * value, toByteOffset: place, as: Lanes.self)
    }

    @inline(__always)
    private static func addLast(
        _ row: UnsafeRawPointer, _ share: Float, _ weights: UnsafeRawPointer, _ first: Int,
        to cells: UnsafeMutableRawPointer
    ) {
        func features(_ at: Int) -> SIMD4<Float> {
            let words = unsafe row.loadUnaligned(fromByteOffset: at, as: SIMD4<Int8>.self)
            return SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: words))
        }
        let here = features(first)
        let place = first * MemoryLayout<Float>.stride
        let weight = unsafe weights.loadUnaligned(fromByteOffset: place, as: SIMD4<Float>.self)
        let sum = unsafe cells.loadUnaligned(fromByteOffset: place, as: SIMD4<Float>.self)
        let value = here + share * (features(first + columns) - here)
        unsafe cells.storeBytes(of: sum + weight * value, toByteOffset: place, as: SIMD4<Float>.self)
    }

    /// Loads `count` cells, whose numbers are `cells`, of eight planes of `size` cells each into the lanes of `values`.
    ///
    /// Adds their squares to `energy`, and to `used` how many are not 0.
    package static func load(
        _ planes: UnsafePointer<Float>, size: Int, cells: UnsafePointer<Int32>, count: Int,
        into values: UnsafeMutablePointer<SIMD8<Float>>, energy: inout SIMD8<Double>, used: inout SIMD8<Int32>
    ) {
        var (squares, counts) = (SIMD8<Double>.zero, SIMD8<Int32>.zero)
        for index in 0..<count {
            let place = unsafe planes + Int(cells[index])
            let value = unsafe Lanes(
                place[0], place[size], place[2 * size], place[3 * size], place[4 * size], place[5 * size],
                place[6 * size], place[7 * size])
            unsafe values[index] = value
            let wide = SIMD8<Double>(value)
            squares += wide * wide
            counts &+= SIMD8<Int32>.zero.replacing(with: 1, where: value .!= .zero)
        }
        energy += squares
        used &+= counts
    }
}
