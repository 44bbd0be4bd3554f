package import EarmarkMark

/// The places that a run tries beside what pilot and timeline speak for first, for whoever computes evidence again.
extension DetectionRun {
    /// Further times of the best straight line, as they are tried.
    package func times(_ located: Located, _ features: FeatureMatrix) -> [Alignment] {
        located.furtherTimes.map { locator.sharpened($0, features, isWeak: true) }
    }

    /// Alignments by the timeline alone.
    package func alignmentsWithoutPilot(_ features: FeatureMatrix) -> [Alignment] {
        locator.locateWithoutPilot(features)
    }

    /// Place of the first of those in a channel's order.
    package var firstWithoutPilot: Int { locator.firstWithoutPilot }

    /// Placements that one client's own signs choose, none where they are not paid for.
    package func placements(_ features: FeatureMatrix, of seed: Seed) -> [Alignment] {
        guard paysForPlacements else { return [] }
        return IdentitySearch(plan: plan, seeds: [seed], frames: locator.frames, transforms: transforms)
            .alignments(features).map(\.alignment)
    }
}
