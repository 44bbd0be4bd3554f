import EarmarkDSP
import EarmarkTestSupport
import Foundation
import Testing

@Suite struct LanesTests {
    /// The whole range of normal numbers, and the neighbourhood of every place where the method changes piece.
    @Test func logarithmIsWithinItsPromiseEverywhere() {
        var noise = NoiseSource(seed: 1)
        var worst = 0.0
        func check(_ values: SIMD8<Float>) {
            let logs = values.log2OfNormal
            for lane in 0..<8 { worst = max(worst, abs(Double(logs[lane]) - log2(Double(values[lane])))) }
        }
        for exponent in -126...127 {
            for _ in 0..<24 {
                var values = SIMD8<Float>.one
                for lane in 0..<8 {
                    values[lane] = Float(
                        sign: .plus, exponent: exponent, significand: Float(1 + noise.uniform()).nextDown)
                }
                // Half a unit in the last place of a logarithm of up to 128 is 4e-6 by itself.
                if abs(exponent) < 32 { check(values) }
                let logs = values.log2OfNormal
                for lane in 0..<8 {
                    #expect(abs(Double(logs[lane]) - log2(Double(values[lane]))) < 1.2e-5)
                }
            }
        }
        for edge in [Float(0.5).squareRoot(), 1, Float(2).squareRoot(), 2, 0.5] {
            check(.init(edge.nextDown.nextDown, edge.nextDown, edge, edge.nextUp, edge.nextUp.nextUp, edge, edge, edge))
        }
        #expect(worst < 5e-6)
    }

    @Test func logarithmOfPowersOfTwoIsExact() {
        for exponent in -126...127 {
            let value = SIMD8<Float>(repeating: Float(sign: .plus, exponent: exponent, significand: 1))
            #expect(value.log2OfNormal == SIMD8<Float>(repeating: Float(exponent)))
        }
    }

    @Test func comparisonsWorkLaneByLane() {
        let a = SIMD8<Float>(1, -2, 3, 0, -0.5, 1e30, -1e-30, 7)
        let b = SIMD8<Float>(2, -3, 3, -1, 0.5, -1e30, 1e-30, 6)
        for lane in 0..<8 {
            #expect(a.lesser(b)[lane] == min(a[lane], b[lane]))
            #expect(a.greater(b)[lane] == max(a[lane], b[lane]))
        }
        let squares = SIMD8<Float>(1, 4, 9, 0, 0.25, 1e30, 1e-30, 49)
        for lane in 0..<8 { #expect(squares.squareRootOfLanes[lane] == squares[lane].squareRoot()) }
    }
}
