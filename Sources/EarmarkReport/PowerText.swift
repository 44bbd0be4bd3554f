import Foundation

/// Powers of ten as people write them.
package enum PowerText {
    /// `10^-77`: the exponent is rounded up, so that no bound reads stronger than it is proven.
    package static func text(log10 exponent: Double, digits: Int = 0) -> String {
        let steps = pow(10, Double(digits))
        return String(format: "10^%.\(digits)f", (exponent * steps).rounded(.up) / steps + 0)
    }
}
