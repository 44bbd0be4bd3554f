/// The gains of the bands, moved from chip to chip.
extension MarkEngine {
    /// Share of a chip that a gain edge takes; 30 % was more audible on tonal hosts at equal detection.
    private static let edgeShare = 0.6
    private static let edgesPerChip = 1 / edgeShare

    /// Has the bank hold the gains of `frame`, under weights that are new every few updates.
    mutating func updateGains(at frame: Int64) {
        if updatesUntilWeighing == 0 {
            bank.settle()
            unsafe weights.update(bank, follows: follows)
            updatesUntilWeighing = MarkEngine.updatesPerWeighing
            gainsStand = false
        }
        updatesUntilWeighing -= 1
        let seconds = origin + Double(frame) * secondsPerFrame
        let position = seconds * (1 / MarkLayout.chipSeconds)
        let chip = Int64(position.rounded(.down))
        if chip != timeline.chip {
            timeline.move(to: chip, &weights.history)
            gains.load(timeline)
            gainsStand = false
        }
        // Within half an edge of a chip's border the gain is on its way from or to the neighbour, half-way at the
        // border.
        let phase = position - Double(chip)
        let half = MarkEngine.edgeShare / 2
        if phase > 1 - half, !timeline.isNextDecided {
            timeline.decideNext(weights.history.differences())
            gains.loadNext(timeline)
        }
        if phase < half {
            gains.blend(.previous, share: edge(phase * MarkEngine.edgesPerChip + 0.5), weights: weights, into: &bank)
            gainsStand = false
        } else if phase > 1 - half {
            gains.blend(
                .next, share: 1 - edge((phase - (1 - half)) * MarkEngine.edgesPerChip), weights: weights, into: &bank)
            gainsStand = false
        } else if !gainsStand {
            gains.blend(.next, share: 1, weights: weights, into: &bank)
            gainsStand = true
        }
    }

    /// Raised cosine from 0 at 0 to 1 at 1, sin(pi position / 2) squared, to 2e-7.
    ///
    /// By its own series, which gives the same bits whatever the C library, and in a third of the time.
    private func edge(_ position: Double) -> Float {
        let square = position * position
        // Taylor's for sin(pi x / 2), the last term moved for the least error up to 1; in two halves, which do not wait
        // for one another.
        let low = square * -6.459_640_617_4e-1 + 1.570_796_326_8
        let high = (square * 1.514_842e-4 - 4.673_766_7e-3) * square + 7.968_967_93e-2
        let series = high * (square * square) + low
        let sine = series * position
        return Float(sine * sine)
    }
}
