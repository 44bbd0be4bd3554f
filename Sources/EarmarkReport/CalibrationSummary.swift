package import EarmarkDetect
import Foundation

/// The empirical tail as JSON and text.
package struct CalibrationSummary: Encodable, Equatable, Sendable {
    /// One decade of the bound.
    package struct Level: Encodable, Equatable, Sendable {
        /// Base-ten logarithm of the bound.
        package let log10Bound: Int
        /// Score at which the bound is that.
        package let z: Double
        /// Decoys at or beyond it.
        package let decoys: Int64
        /// Their share of all decoys.
        package let share: Double
        /// Whether chance allows that share.
        package let holds: Bool
    }

    /// Recordings on which decoys were scored.
    package let recordings: Int
    /// Decoys on all of them.
    package let decoys: Int64
    /// Whether the bound holds at every level.
    package let holds: Bool
    /// From a bound of 1 to one decade past the last that a decoy reached.
    package let levels: [Level]

    /// Judges `tail`.
    package init(_ tail: DecoyTail, recordings: Int) {
        self.recordings = recordings
        decoys = tail.decoys
        levels = (0...tail.shownLevel).map { level in
            Level(
                log10Bound: -level, z: DecoyTail.thresholds[level], decoys: tail.counts[level],
                share: tail.decoys > 0 ? Double(tail.counts[level]) / Double(tail.decoys) : 0,
                holds: !tail.contradicts(level: level))
        }
        holds = levels.allSatisfy(\.holds)
    }

    /// The tail for people.
    package var text: String {
        var table = Table("BOUND", "Z", "DECOYS BEYOND", "SHARE", "HOLDS")
        for level in levels {
            table.add(
                "1e\(level.log10Bound)", String(format: "%.2f", level.z), String(level.decoys),
                String(format: "%.2e", level.share), level.holds ? "yes" : "NO")
        }
        return "\(decoys) decoys on \(recordings) recording\(recordings == 1 ? "" : "s"): "
            + (holds ? "the bound holds." : "THE BOUND IS CONTRADICTED.") + "\n\n" + table.text
    }
}
